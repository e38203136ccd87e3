// Spanish: the captions page, whose only dictionary it is.

export default {
  "captions.title": "Subtítulos",
  "captions.reading": "Los subtítulos aparecen cuando alguien habla.",
  "captions.lost": "Se ha perdido la conexión. La página lo intenta de nuevo.",
  "captions.session_ended": "La sesión ha terminado.",
  "captions.invalid": "Esta dirección ya no es válida. Cree una nueva.",
  "captions.address": "A esta dirección le falta la sesión o el token.",
};
