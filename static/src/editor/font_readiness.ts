// CodeMirror asks `document.fonts.ready` for every editor, and to answer, the browser lays out the whole page: in a long
// notebook that is most of what an editor costs. The code's font is the system's, so one answer is good for all of them.

Object.defineProperty(document.fonts, "ready", { value: document.fonts.ready });
