// What the palette can do besides opening badges.
import type { App } from "../app.svelte";
import type { Option } from "../parts/chooser.svelte";

export function commands(app: App): Option[] {
  const { words } = app;
  const group = words.palette.commands;
  const close = (run: () => void) => () => {
    app.over = null;
    run();
  };
  const open = app.wallet?.state === "open";
  const sealed = app.wallet?.state === "open" && app.wallet.keeper !== null;
  const all: (Omit<Option, "group"> & { when?: boolean })[] = [
    { key: "backpack", label: words.palette.go(words.screens.backpack), note: "Ctrl 1", run: () => app.go({ screen: "backpack" }) },
    { key: "verify", label: words.palette.go(words.screens.verify), note: "Ctrl 2", run: () => app.go({ screen: "verify" }) },
    { key: "inbox", label: words.palette.go(words.screens.inbox), note: "Ctrl 4", run: () => app.go({ screen: "inbox" }), when: open },
    { key: "settings", label: words.palette.go(words.screens.settings), note: "Ctrl 3", run: () => app.go({ screen: "settings" }) },
    { key: "bin", label: words.palette.go(words.screens.bin), run: () => app.go({ screen: "bin" }), when: open },
    { key: "files", label: `${words.backpack.add}: ${words.backpack.add_files}`, note: "Ctrl O", run: close(() => void app.chooseFiles()) },
    { key: "folder", label: `${words.backpack.add}: ${words.backpack.add_folder}`, note: "Ctrl Shift O", run: close(() => void app.chooseFolder()) },
    { key: "paste", label: `${words.backpack.add}: ${words.backpack.add_paste}`, run: () => app.paste() },
    { key: "grid", label: words.palette.shown_as(words.backpack.grid), run: close(() => app.shelf.show("grid")), when: open },
    { key: "list", label: words.palette.shown_as(words.backpack.list), run: close(() => app.shelf.show("list")), when: open },
    { key: "export", label: words.palette.export, run: close(() => void app.save(app.native.save_all)), when: open },
    { key: "lock", label: sealed ? words.palette.lock : words.palette.protect, note: "Ctrl L", run: close(() => void app.lock()), when: open },
    ...(["system", "light", "dark"] as const).map((theme) => ({ key: theme, label: words.palette.theme(words.settings.themes[theme]), run: close(() => void app.set({ theme })) })),
    ...(["en", "it"] as const).map((language) => ({ key: language, label: words.palette.language(words.settings.languages[language]), run: close(() => void app.set({ language })) })),
    { key: "help", label: words.palette.help, note: "?", run: () => (app.over = "help") },
  ];
  return all.filter(({ when }) => when !== false).map((option) => ({ ...option, group }));
}
