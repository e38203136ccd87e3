// German: the captions page, whose only dictionary it is.

export default {
  "captions.title": "Untertitel",
  "captions.reading": "Untertitel erscheinen, sobald jemand spricht.",
  "captions.lost": "Die Verbindung ist unterbrochen. Die Seite versucht es wieder.",
  "captions.session_ended": "Die Sitzung ist beendet.",
  "captions.invalid": "Diese Adresse gilt nicht mehr. Erzeugen Sie eine neue.",
  "captions.address": "Diese Adresse ist unvollständig: Ihr fehlt die Sitzung oder das Token.",
};
