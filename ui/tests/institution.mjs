// What a person does in a browser that an app has sent somewhere: signs in through an institution, says when they were born, and allows the app.
//   node tests/institution.mjs ADDRESS INSTITUTION LOGIN
import { launch } from "./browser.mjs";

const [address, institution, login] = process.argv.slice(2);
const browser = await launch();
const page = await browser.newPage({ locale: "en-GB" });
page.setDefaultTimeout(60_000);
try {
  await page.goto(address);
  await page.locator(`button[name=provider][value="${institution}"]`).click();
  await page.locator("input[name=login]").fill(login);
  await page.locator("button", { hasText: "Sign in" }).click();
  for (const [name, value] of [["day", "31"], ["month", "3"], ["year", "1999"]]) await page.locator(`[name=birth-${name}]`).fill(value);
  await page.locator("main form button[type=submit]").first().click();
  await page.locator("button[name=answer][value=allow]").click();
  await page.getByText("go back to Satchel").waitFor();
} catch (error) {
  console.log(`${page.url()}\n${await page.locator("body").innerText()}`);
  throw error;
} finally {
  await browser.close();
}
