// Puts the window on the page.
import { mount } from "svelte";
import { App } from "./app.svelte";
import Window from "./Window.svelte";
import type { Platform } from "./platform";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";

export function open(native: Platform): void {
  const target = document.getElementById("window");
  if (target) mount(Window, { target, props: { app: new App(native) } });
}
