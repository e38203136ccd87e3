// English: the captions page, whose only dictionary it is.

export default {
  "captions.title": "Captions",
  "captions.reading": "Captions appear when somebody speaks.",
  "captions.lost": "The connection is lost. The page tries again.",
  "captions.session_ended": "The session has ended.",
  "captions.invalid": "This address is not valid any more. Make a new one.",
  "captions.address": "This address is not whole: it names no session, or no token.",
};
