// Puts the window on the page.
import { mount } from "svelte";
import { App } from "./app.svelte";
import { later } from "./later.svelte";
import Window from "./Window.svelte";
import type { Platform } from "./platform";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";

export function open(native: Platform): void {
  const target = document.getElementById("window");
  if (!target) return;
  mount(Window, { target, props: { app: new App(native) } });
  // After the frame with the first words.
  requestAnimationFrame(() => setTimeout(() => void later.load()));
}
