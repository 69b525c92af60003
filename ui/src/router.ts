// Where the window is: a screen, said in the part of the address behind `#`, so that Back works and links are links.

export type Route =
  | { screen: "backpack" }
  | { screen: "bin" }
  | { screen: "badge"; id: string }
  | { screen: "inbox" }
  | { screen: "verify" }
  | { screen: "import" }
  | { screen: "settings"; /** where it begins */ part?: "accounts" };

export function parse(hash: string): Route {
  const [screen, rest] = hash.replace(/^#?\/?/, "").split("/", 2);
  switch (screen) {
    case "bin":
    case "inbox":
    case "verify":
    case "import":
      return { screen };
    case "settings":
      return rest === "accounts" ? { screen, part: rest } : { screen };
    case "badge":
      return rest ? { screen, id: decode(rest) } : { screen: "backpack" };
    default:
      return { screen: "backpack" };
  }
}

export function href(route: Route): string {
  if (route.screen === "badge") return `#/badge/${encodeURIComponent(route.id)}`;
  return route.screen === "settings" && route.part ? `#/settings/${route.part}` : `#/${route.screen}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
