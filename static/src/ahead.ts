// Of a long notebook the first cells are in the page long before its snapshot, and the page's script waits for that: a
// module runs when the page is whole. Meanwhile nothing else is to do, so what editors are made of runs now, and the
// script finds it done. It does nothing by itself; after the first frame, so that the cells can be read as soon as before.

requestAnimationFrame(() => {
  setTimeout(() => {
    // The page's script needs it too, and then it is told why it cannot be had.
    import("./editor/editor").catch(() => {});
  });
});

export {};
