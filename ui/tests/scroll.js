// Evaluated in the page, here and in the real window (tests/benches/window.rs): scrolls from end to end, and tells how long frames took.
async (seconds) => {
  const main = document.querySelector("main");
  const far = main.scrollHeight - main.clientHeight;
  const frames = [];
  let nodes = 0;
  const begun = performance.now();
  let last = begun;
  await new Promise((done) => {
    const step = (now) => {
      frames.push(now - last);
      last = now;
      nodes = Math.max(nodes, document.querySelectorAll("*").length);
      // Slow, then fast, then slow: as a person scrolls who looks for something.
      const part = (now - begun) / (seconds * 1000);
      main.scrollTop = far * (part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) * (1 - part));
      part < 1 ? requestAnimationFrame(step) : done();
    };
    requestAnimationFrame(step);
  });
  return { frames: frames.slice(2), nodes, end: main.scrollTop >= far - 1 };
};
