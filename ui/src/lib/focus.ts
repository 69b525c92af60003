// Where the focus goes when what had it is taken away by what somebody did: to the card it was on, to the next one, or to the heading.

/** What has a place of its own: an invitation, a note, an account in the settings. */
const CARDS = "article, .note, .rows > li";

/** Follows what has the focus within an element, for as long as that is there. What begins a sign-in has `data-signs`, and where one goes on is in `.sign`. */
export function followed(within: HTMLElement): () => void {
  let last: { gone: HTMLElement; card: HTMLElement | null; at: number; signs: boolean } | null = null;
  const cards = () => [...within.querySelectorAll<HTMLElement>(CARDS)].filter((card) => card.checkVisibility() && !card.parentElement?.closest(CARDS));

  const onfocusin = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    const card = target.closest<HTMLElement>(CARDS);
    const signs = target.closest(".sign, [data-signs]") !== null;
    last = target === within ? null : { gone: target, card, at: card ? cards().indexOf(card) : -1, signs };
  };
  // Whoever clicks beside it wants it nowhere. What is taken away may say the same, but is there no longer.
  const onfocusout = ({ target, relatedTarget }: FocusEvent) => {
    if (!relatedTarget) setTimeout(() => last?.gone === target && last.gone.isConnected && document.activeElement !== target && (last = null));
  };

  const observer = new MutationObserver(() => {
    if (!last || last.gone.isConnected || document.activeElement !== document.body) return;
    const { card, at, signs } = last;
    last = null;
    const form = signs ? within.querySelector<HTMLElement>(".sign") : null;
    const left = cards();
    const next = card ? (card.isConnected ? card : left[Math.min(at, left.length - 1)]) : null;
    const aims = [
      form?.querySelector<HTMLElement>("input:not([readonly])"),
      form?.querySelector<HTMLElement>("h1, h2"),
      next?.querySelector<HTMLElement>("h2"),
      next?.querySelector<HTMLElement>(".bar button, button, a"),
      within.querySelector<HTMLElement>("h1, h2"),
    ];
    aims.some((aim) => {
      if (!aim) return false;
      if (/^H\d$/.test(aim.tagName)) aim.tabIndex = -1;
      aim.focus();
      return document.activeElement === aim;
    });
  });

  within.addEventListener("focusin", onfocusin);
  within.addEventListener("focusout", onfocusout);
  observer.observe(within, { childList: true, subtree: true });
  return () => {
    within.removeEventListener("focusin", onfocusin);
    within.removeEventListener("focusout", onfocusout);
    observer.disconnect();
  };
}
