// The product: the window over the native side.
import { open } from "./open";
import { tauri } from "./platform";

open(tauri);
