// French: the captions page, whose only dictionary it is.

export default {
  "captions.title": "Sous-titres",
  "captions.reading": "Les sous-titres apparaissent quand quelqu’un parle.",
  "captions.lost": "La connexion est perdue. La page réessaie.",
  "captions.session_ended": "La session est terminée.",
  "captions.invalid": "Cette adresse n’est plus valable. Créez-en une nouvelle.",
  "captions.address": "Cette adresse est incomplète : il lui manque la session ou le jeton.",
};
