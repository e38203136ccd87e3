// Portuguese: the captions page, whose only dictionary it is.

export default {
  "captions.title": "Legendas",
  "captions.reading": "As legendas aparecem quando alguém fala.",
  "captions.lost": "A ligação caiu. A página tenta de novo.",
  "captions.session_ended": "A sessão terminou.",
  "captions.invalid": "Este endereço já não é válido. Crie um novo.",
  "captions.address": "Falta a este endereço a sessão ou o token.",
};
