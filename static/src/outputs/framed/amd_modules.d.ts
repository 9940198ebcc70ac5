/** An AMD module: nothing to import, it calls `define`. */
declare module "anywidget";
