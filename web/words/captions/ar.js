// Arabic: the captions page, whose only dictionary it is.

export default {
  "captions.title": "ترجمة مكتوبة",
  "captions.reading": "تظهر الترجمة عندما يتكلم أحد.",
  "captions.lost": "انقطع الاتصال. تحاول الصفحة من جديد.",
  "captions.session_ended": "انتهت الجلسة.",
  "captions.invalid": "لم يعد هذا العنوان صالحًا. أنشئ عنوانًا جديدًا.",
  "captions.address": "هذا العنوان ناقص: لا يذكر جلسة أو رمزًا.",
};
