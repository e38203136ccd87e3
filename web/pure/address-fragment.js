// Decides what the fragment of the page's address is: a call's code, or a link of an account. Pure.

const CODE = /^#(\d{6,10})$/;
const LINK = /^#(verify|reset|signin|refused)=([A-Za-z0-9._~-]{1,2048})$/;

/**
 * → `{code}` of an invitation · `{link, value}`: `verify` and `reset` with the token of an e-mail, `signin` with the
 * one-time code of another account's provider, `refused` with the reason why there is none · null for anything else
 */
export function readFragment(fragment) {
  const [, code] = CODE.exec(fragment) ?? [];
  if (code) return { code };
  const [, link, value] = LINK.exec(fragment) ?? [];
  return link ? { link, value } : null;
}
