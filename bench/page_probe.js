// Runs in the page that is measured, before anything of it: when the first cell can be read, and how long what blocks.
(() => {
  const probe = (window.probe = { readable_ms: null, blocks_ms: [], keys_ms: [] });
  const selectors = PROBE_READABLE;
  const look = () => {
    const cell = document.querySelector(selectors);
    // Seen: it has text, and a frame has been drawn with it.
    if (cell && cell.textContent.trim()) requestAnimationFrame(() => setTimeout(() => (probe.readable_ms ??= performance.now())));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) probe.blocks_ms.push([entry.startTime, entry.duration]);
  }).observe({ type: "longtask", buffered: true });
  // From the key to after the frame that shows it.
  addEventListener(
    "keydown",
    ({ timeStamp }) => requestAnimationFrame(() => setTimeout(() => probe.keys_ms.push(performance.now() - timeStamp))),
    true,
  );
  // From the top, so many windows a frame, to the end if there is time.
  probe.scroll = async ([selector, windowsPerFrame, forMs]) => {
    const scroller = selector ? document.querySelector(selector) : document.scrollingElement;
    scroller.scrollTop = 0;
    const began = performance.now();
    let isAtEnd = false;
    while (!isAtEnd && performance.now() - began < forMs) {
      const before = scroller.scrollTop;
      scroller.scrollTop += windowsPerFrame * innerHeight;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      isAtEnd = scroller.scrollTop === before;
    }
    return {
      is_at_end: isAtEnd,
      took_ms: performance.now() - began,
      longest_ms: Math.max(0, ...probe.blocks_ms.filter(([start]) => start >= began).map(([, length]) => length)),
    };
  };
})();
