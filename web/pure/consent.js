// Decides what to say about a call's history: who consents, whether it is kept, and what has just changed. Pure.

/** `history`: `{on, consents: [participantId], reason}` of a Call's state · `me`: my participant id */
const both = ({ consents }, me) => ({ mine: consents.includes(me), theirs: consents.some((id) => id !== me) });

/** Return `both`, `mine`, `theirs`, `none`; or, where both consent and nothing is kept, the server's reason. */
export function standing(history, me) {
  if (history.on) return "both";
  const { mine, theirs } = both(history, me);
  if (mine && theirs) return history.reason ?? "unavailable";
  return mine ? "mine" : theirs ? "theirs" : "none";
}

/** Return what to tell of a change: `began`, `mineWithdrawn`, `theirsWithdrawn`, `stopped`, `asked`, or null. */
export function change(before, after, me) {
  const [was, is] = [both(before, me), both(after, me)];
  if (!before.on && after.on) return "began";
  if (was.mine && !is.mine) return "mineWithdrawn";
  if (was.theirs && !is.theirs) return "theirsWithdrawn";
  if (before.on && !after.on) return "stopped";
  return !was.theirs && is.theirs && !is.mine ? "asked" : null;
}
