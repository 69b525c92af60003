// The window over sample data, for a plain browser: tests and design. Never part of the product.
import { open } from "./open";
import { standIn } from "./platform/stand-in";

open(standIn(new URLSearchParams(location.search)));
