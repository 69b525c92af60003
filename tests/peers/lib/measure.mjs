/** Runs `work` for about `seconds` after a warm-up and prints one figure as a JSON line. */
export async function measure(name, seconds, work) {
  for (let i = 0; i < 20; i++) await work(i);

  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const elapsed = () => Number(process.hrtime.bigint() - start) / 1e9;
  let done = 0;
  while (elapsed() < seconds) await work(done++);
  const wall = elapsed();
  const { user, system } = process.cpuUsage(cpu);

  const figure = { name, per_second: done / wall, ms_cpu_each: (user + system) / 1000 / done };
  process.stdout.write(`${JSON.stringify(figure)}\n`);
}
