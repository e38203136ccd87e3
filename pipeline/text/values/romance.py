"""Number words, units and times of Spanish, French, Italian and Portuguese."""

from __future__ import annotations

from pipeline.text.values.composition import Rules
from pipeline.text.values.words import Words

SPANISH = Words(
    cardinals="0 cero; 1 un uno una; 2 dos; 3 tres; 4 cuatro; 5 cinco; 6 seis; 7 siete; 8 ocho; 9 nueve; 10 diez; "
    "11 once; 12 doce; 13 trece; 14 catorce; 15 quince; 16 dieciséis; 17 diecisiete; 18 dieciocho; 19 diecinueve; "
    "20 veinte; 21 veintiuno veintiún veintiuna; 22 veintidós; 23 veintitrés; 24 veinticuatro; 25 veinticinco; "
    "26 veintiséis; 27 veintisiete; 28 veintiocho; 29 veintinueve; 30 treinta; 40 cuarenta; 50 cincuenta; "
    "60 sesenta; 70 setenta; 80 ochenta; 90 noventa; 100 cien ciento; 200 doscientos doscientas; "
    "300 trescientos trescientas; 400 cuatrocientos cuatrocientas; 500 quinientos quinientas; "
    "600 seiscientos seiscientas; 700 setecientos setecientas; 800 ochocientos ochocientas; "
    "900 novecientos novecientas; 1000 mil; 1000000 millón millones; 1000000000000 billón billones",
    ordinals="1 primer primero primera primeros primeras; 2 segundo segunda; "
    "3 tercer tercero tercera; 4 cuarto cuarta; "
    "5 quinto quinta; 6 sexto sexta; 7 séptimo séptima; 8 octavo octava; 9 noveno novena; 10 décimo décima; "
    "11 undécimo undécima; 12 duodécimo duodécima; 20 vigésimo vigésima; 30 trigésimo trigésima; 100 centésimo",
    suffixes="o a er ro ra do da to ta mo ma",
    joins="y",
    points="coma punto",
    signs="+ más; - menos; & y",
    units="USD dólar, dólares; EUR euro, euros; GBP libra, libras; JPY yen, yenes; CNY yuan, yuanes; KRW won, wones; "
    "INR rupia, rupias; RUB rublo, rublos; TRY lira, liras; PLN zloty, zlotys; CHF franco, francos; MXN peso, pesos; "
    "BRL real, reales; cent céntimo, céntimos, centavo, centavos; % por ciento; ° grado, grados; "
    "°C grados celsius, grados centígrados; °F grados fahrenheit; km kilómetro, kilómetros; m metro, metros; "
    "cm centímetro, centímetros; mm milímetro, milímetros; kg kilo, kilos, kilogramo, kilogramos; g gramo, gramos; "
    "mg miligramo, miligramos; l litro, litros; ml mililitro, mililitros; h hora, horas, hs; min minuto, minutos; "
    "s segundo, segundos; km/h kilómetros por hora; GB gigabyte, gigabytes, gigas; MB megabyte, megabytes, megas; "
    "W vatio, vatios; V voltio, voltios",
    months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    times="H:30 H y media; H:15 H y cuarto; -H:45 H menos cuarto; H:M H y M, H horas M; -H:60-M H menos M; "
    "H:00 H en punto; T+0 T horas, T h; N.5 N y media, N y medio; 1/2 un medio; 1/4 un cuarto; 3/4 tres cuartos",
    rules=Rules(joined_units=True, thousand_millions=True),
)

FRENCH = Words(
    cardinals="0 zéro; 1 un une; 2 deux; 3 trois; 4 quatre; 5 cinq; 6 six; 7 sept; 8 huit; 9 neuf; 10 dix; 11 onze; "
    "12 douze; 13 treize; 14 quatorze; 15 quinze; 16 seize; 20 vingt vingts; 30 trente; 40 quarante; 50 cinquante; "
    "60 soixante; 70 septante; 80 huitante octante; 90 nonante; 100 cent cents; 1000 mille mil; "
    "1000000 million millions; 1000000000 milliard milliards",
    ordinals="1 premier première premiers premières unième; 2 deuxième second seconde; 3 troisième; 4 quatrième; "
    "5 cinquième; 6 sixième; 7 septième; 8 huitième; 9 neuvième; 10 dixième; 11 onzième; 12 douzième; 13 treizième; "
    "14 quatorzième; 15 quinzième; 16 seizième; 20 vingtième; 30 trentième; 40 quarantième; 50 cinquantième; "
    "60 soixantième; 100 centième; 1000 millième",
    suffixes="er re ère e ème eme nd nde",
    joins="et",
    points="virgule point",
    signs="+ plus; - moins; & et",
    units="USD dollar, dollars; EUR euro, euros; GBP livre, livres; JPY yen, yens; CNY yuan, yuans; KRW won, wons; "
    "INR roupie, roupies; RUB rouble, roubles; TRY lire, livres turques; PLN zloty, zlotys; "
    "CHF franc, francs, francs suisses; cent cent, cents, centime, centimes; % pour cent, pourcent; "
    "° degré, degrés; °C degrés celsius; °F degrés fahrenheit; km kilomètre, kilomètres; m mètre, mètres; "
    "cm centimètre, centimètres; mm millimètre, millimètres; kg kilo, kilos, kilogramme, kilogrammes; "
    "g gramme, grammes; mg milligramme, milligrammes; l litre, litres; ml millilitre, millilitres; "
    "h heure, heures; min minute, minutes; s seconde, secondes; km/h kilomètres heure, kilomètres par heure; "
    "GB gigaoctet, gigaoctets, go, gigas; MB mégaoctet, mégaoctets, mo; W watt, watts; V volt, volts",
    months="janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    times="H:30 H heures et demie, H heure et demie, H h et demie; H:15 H heures et quart, H heure et quart; "
    "-H:45 H heures moins le quart, H heure moins le quart; H:M H heures M, H heure M, H h M; "
    "-H:60-M H heures moins M, H heure moins M; H:00 H heures, H heure, H h; T+0 T heures; "
    "N.5 N et demi, N et demie; 1/2 un demi; 1/4 un quart; 3/4 trois quarts",
    glued=True,
    rules=Rules(joined_units=True, by_twenties=True, units_after_ten=range(7, 10)),
)

ITALIAN = Words(
    cardinals="0 zero; 1 un uno una; 2 due; 3 tre; 4 quattro; 5 cinque; 6 sei; 7 sette; 8 otto; 9 nove; 10 dieci; "
    "11 undici; 12 dodici; 13 tredici; 14 quattordici; 15 quindici; 16 sedici; 17 diciassette; 18 diciotto; "
    "19 diciannove; 20 venti; 21 ventuno ventun; 28 ventotto; 30 trenta; 31 trentuno trentun; 38 trentotto; "
    "40 quaranta; 41 quarantuno; 48 quarantotto; 50 cinquanta; 51 cinquantuno; 58 cinquantotto; 60 sessanta; "
    "61 sessantuno; 68 sessantotto; 70 settanta; 71 settantuno; 78 settantotto; 80 ottanta; 81 ottantuno; "
    "88 ottantotto; 90 novanta; 91 novantuno; 98 novantotto; 100 cento cent; 1000 mille mila; "
    "1000000 milione milioni; 1000000000 miliardo miliardi",
    ordinals="1 prim; 2 second; 3 terz; 4 quart; 5 quint; 6 sest; 7 settim; 8 ottav; 9 non; 10 decim; 11 undicesim; "
    "12 dodicesim; 13 tredicesim; 14 quattordicesim; 15 quindicesim; 16 sedicesim; 17 diciassettesim; "
    "18 diciottesim; 19 diciannovesim; 20 ventesim; 30 trentesim; 40 quarantesim; 50 cinquantesim; 100 centesim; "
    "1000 millesim",
    endings="o a i e",
    suffixes="o a esimo esima",
    joins="e",
    points="virgola punto",
    signs="+ più; - meno; & e",
    units="USD dollaro, dollari; EUR euro; GBP sterlina, sterline; JPY yen; CNY yuan; KRW won; INR rupia, rupie; "
    "RUB rublo, rubli; TRY lira, lire; PLN zloty; CHF franco, franchi, franchi svizzeri; "
    "cent centesimo, centesimi, cent; % per cento, percento; ° grado, gradi; °C gradi celsius, gradi centigradi; "
    "°F gradi fahrenheit; km chilometro, chilometri; m metro, metri; cm centimetro, centimetri; "
    "mm millimetro, millimetri; kg chilo, chili, chilogrammo, chilogrammi; g grammo, grammi; "
    "mg milligrammo, milligrammi; l litro, litri; ml millilitro, millilitri; h ora, ore; min minuto, minuti; "
    "s secondo, secondi; km/h chilometri orari, chilometri all'ora; GB gigabyte, giga; MB megabyte, mega; "
    "W watt; V volt",
    months="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    times="H:30 H e mezza, H e mezzo; H:15 H e un quarto; -H:45 H meno un quarto; H:M H e M; -H:60-M H meno M; "
    "H:00 ore H, alle ore H, H in punto; T+0 ore T, T ore; N.5 N e mezzo, N e mezza; 1/2 un mezzo; 1/4 un quarto; "
    "3/4 tre quarti",
    glued=True,
    rules=Rules(thousand_millions=True),
)

PORTUGUESE = Words(
    cardinals="0 zero; 1 um uma; 2 dois duas; 3 três; 4 quatro; 5 cinco; 6 seis; 7 sete; 8 oito; "
    "9 nove; 10 dez; 11 onze; "
    "12 doze; 13 treze; 14 catorze quatorze; 15 quinze; 16 dezesseis dezasseis; 17 dezessete dezassete; 18 dezoito; "
    "19 dezenove dezanove; 20 vinte; 30 trinta; 40 quarenta; 50 cinquenta; 60 sessenta; 70 setenta; 80 oitenta; "
    "90 noventa; 100 cem cento; 200 duzentos duzentas; 300 trezentos trezentas; 400 quatrocentos quatrocentas; "
    "500 quinhentos quinhentas; 600 seiscentos seiscentas; 700 setecentos setecentas; 800 oitocentos oitocentas; "
    "900 novecentos novecentas; 1000 mil; 1000000 milhão milhões; 1000000000 bilhão bilhões",
    ordinals="1 primeiro primeira primeiros primeiras; 2 segundo segunda; 3 terceiro terceira; 4 quarto quarta; "
    "5 quinto quinta; 6 sexto sexta; 7 sétimo sétima; 8 oitavo oitava; 9 nono nona; 10 décimo décima; "
    "20 vigésimo vigésima; 30 trigésimo trigésima; 100 centésimo centésima",
    suffixes="o a",
    joins="e",
    points="vírgula ponto",
    signs="+ mais; - menos; & e",
    units="USD dólar, dólares; EUR euro, euros; GBP libra, libras; JPY iene, ienes; CNY yuan; KRW won; "
    "INR rupia, rupias; RUB rublo, rublos; TRY lira, liras; PLN zloty; CHF franco, francos; BRL real, reais; "
    "cent centavo, centavos, cêntimo, cêntimos; % por cento; ° grau, graus; °C graus celsius, graus centígrados; "
    "°F graus fahrenheit; km quilômetro, quilômetros, quilómetro, quilómetros; m metro, metros; "
    "cm centímetro, centímetros; mm milímetro, milímetros; kg quilo, quilos, quilograma, quilogramas; "
    "g grama, gramas; mg miligrama, miligramas; l litro, litros; ml mililitro, mililitros; h hora, horas; "
    "min minuto, minutos; s segundo, segundos; km/h quilômetros por hora, quilómetros por hora; "
    "GB gigabyte, gigabytes, gigas; MB megabyte, megabytes, megas; W watt, watts; V volt, volts",
    months="janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    times="H:30 H e meia; H:15 H e um quarto, H e quinze; -H:45 um quarto para as H, quinze para as H; H:M H e M, "
    "H horas e M, H h M; -H:60-M M para as H; H:00 H horas, H hora, H h, H em ponto; T+0 T horas, T h; "
    "N.5 N e meio, N e meia; 1/2 um meio; 1/4 um quarto; 3/4 três quartos",
    rules=Rules(joined_units=True, thousand_millions=True),
)
