"""Number words, units and times of English, German and Dutch."""

from __future__ import annotations

from pipeline.text.values.composition import Rules
from pipeline.text.values.words import Words

ENGLISH = Words(
    cardinals="0 zero oh o nought nil; 1 one; 2 two; 3 three; 4 four; 5 five; 6 six; 7 seven; 8 eight; 9 nine; 10 ten; "
    "11 eleven; 12 twelve; 13 thirteen; 14 fourteen; 15 fifteen; 16 sixteen; 17 seventeen; 18 eighteen; 19 nineteen; "
    "20 twenty; 30 thirty; 40 forty fourty; 50 fifty; 60 sixty; 70 seventy; 80 eighty; 90 ninety; 100 hundred; "
    "1000 thousand; 1000000 million; 1000000000 billion; 1000000000000 trillion",
    ordinals="1 first; 2 second; 3 third; 4 fourth; 5 fifth; 6 sixth; 7 seventh; 8 eighth; 9 ninth; 10 tenth; "
    "11 eleventh; 12 twelfth; 13 thirteenth; 14 fourteenth; 15 fifteenth; 16 sixteenth; 17 seventeenth; "
    "18 eighteenth; 19 nineteenth; 20 twentieth; 30 thirtieth; 40 fortieth; 50 fiftieth; 60 sixtieth; 70 seventieth; "
    "80 eightieth; 90 ninetieth; 100 hundredth; 1000 thousandth; 1000000 millionth",
    suffixes="st nd rd th",
    joins="and",
    articles="a an",
    points="point dot",
    signs="+ plus; - minus negative; & and; # sharp; @ at; · dot",
    units="USD dollar, dollars, buck, bucks, us dollars; EUR euro, euros; GBP pound, pounds, pounds sterling; JPY yen; "
    "CNY yuan; KRW won; INR rupee, rupees; RUB ruble, rubles, rouble, roubles; TRY lira, liras; PLN zloty, zlotys; "
    "CHF franc, francs, swiss francs; BRL real, reais; cent cent, cents, penny, pence; % percent, per cent; "
    "° degree, degrees; °C degrees celsius, degrees centigrade; °F degrees fahrenheit; "
    "km kilometer, kilometers, kilometre, kilometres; m meter, meters, metre, metres; "
    "cm centimeter, centimeters, centimetre, centimetres; mm millimeter, millimeters, millimetre, millimetres; "
    "kg kilo, kilos, kilogram, kilograms, kilogramme, kilogrammes; g gram, grams, gramme, grammes; "
    "mg milligram, milligrams; l liter, liters, litre, litres; ml milliliter, milliliters, millilitre, millilitres; "
    "mi mile, miles; ft foot, feet; lb lbs, lb; h hour, hours, hrs, hr; min minute, minutes, mins; "
    "s second, seconds, secs; mph miles per hour, miles an hour; "
    "km/h kilometers per hour, kilometres per hour, kilometers an hour, kilometres an hour; "
    "GB gigabyte, gigabytes, gigs; MB megabyte, megabytes, megs; W watt, watts; V volt, volts",
    months="january february march april may june july august september october november december",
    times="12:00 noon, midday; 0:00 midnight; H:30 half past H; H:15 quarter past H, "
    "a quarter past H, quarter after H; "
    "-H:45 quarter to H, a quarter to H, quarter of H, quarter till H; H:M M past H, M minutes past H; "
    "-H:60-M M to H, M minutes to H; H:00 H oclock; T+0 T am, T a m; T+12 T pm, T p m; H+0 H am, H a m; "
    "H+12 H pm, H p m; N.5 N and a half, N and one half; 1/2 one half; 1/4 one quarter, a quarter; "
    "3/4 three quarters",
    decimal=".",
    glued=True,
)

GERMAN = Words(
    cardinals="0 null; 1 ein eins eine einen einem einer eines; 2 zwei zwo; 3 drei; 4 vier; 5 fünf; 6 sechs; 7 sieben; "
    "8 acht; 9 neun; 10 zehn; 11 elf; 12 zwölf; 13 dreizehn; 14 vierzehn; 15 fünfzehn; 16 sechzehn; 17 siebzehn; "
    "18 achtzehn; 19 neunzehn; 20 zwanzig; 30 dreißig; 40 vierzig; 50 fünfzig; 60 sechzig; 70 siebzig; 80 achtzig; "
    "90 neunzig; 100 hundert; 1000 tausend; 1000000 million millionen; 1000000000 milliarde milliarden; "
    "1.5 anderthalb eineinhalb; 2.5 zweieinhalb; 3.5 dreieinhalb; 4.5 viereinhalb; 5.5 fünfeinhalb; "
    "6.5 sechseinhalb; 7.5 siebeneinhalb; 8.5 achteinhalb; 9.5 neuneinhalb; 10.5 zehneinhalb",
    ordinals="1 erst; 2 zweit; 3 dritt; 4 viert; 5 fünft; 6 sechst; 7 siebt siebent; 8 acht; 9 neunt; 10 zehnt; "
    "11 elft; 12 zwölft; 13 dreizehnt; 14 vierzehnt; 15 fünfzehnt; 16 sechzehnt; 17 siebzehnt; 18 achtzehnt; "
    "19 neunzehnt; 20 zwanzigst; 30 dreißigst; 40 vierzigst; 50 fünfzigst; 60 sechzigst; 70 siebzigst; "
    "80 achtzigst; 90 neunzigst; 100 hundertst; 1000 tausendst",
    endings="e er en es em",
    suffixes="te ten ter tes ste sten",
    joins="und",
    points="komma punkt",
    signs="+ plus; - minus; & und",
    units="USD dollar; EUR euro, euros; GBP pfund; JPY yen; CNY yuan; KRW won; INR rupie, rupien; RUB rubel; "
    "TRY lira; PLN zloty; CHF franken, schweizer franken; cent cent, cents, rappen; % prozent; ° grad; "
    "°C grad celsius; °F grad fahrenheit; km kilometer, kilometern; m meter, metern; cm zentimeter, zentimetern; "
    "mm millimeter, millimetern; kg kilo, kilos, kilogramm; g gramm; mg milligramm; l liter, litern; ml milliliter; "
    "h stunde, stunden, std; min minute, minuten; s sekunde, sekunden; "
    "km/h stundenkilometer, kilometer pro stunde, kilometern pro stunde; GB gigabyte; MB megabyte; W watt; V volt",
    months="januar februar märz april mai juni juli august september oktober november dezember",
    times="-H:30 halb H; H:15 viertel nach H; -H:45 viertel vor H, dreiviertel H; -H:15 viertel H; H:M M nach H, "
    "M minuten nach H, H uhr M; -H:60-M M vor H, M minuten vor H; H:00 H uhr; T+0 T uhr; N.5 N und ein halb, "
    "N und ein halbes; 1/2 ein halb, ein halbes, ein halber; 1/4 ein viertel; 3/4 drei viertel, dreiviertel",
    glued=True,
    rules=Rules(units_first=True),
)

DUTCH = Words(
    cardinals="0 nul; 1 een één; 2 twee; 3 drie; 4 vier; 5 vijf; 6 zes; 7 zeven; 8 acht; 9 negen; 10 tien; 11 elf; "
    "12 twaalf; 13 dertien; 14 veertien; 15 vijftien; 16 zestien; 17 zeventien; 18 achttien; 19 negentien; "
    "20 twintig; 30 dertig; 40 veertig; 50 vijftig; 60 zestig; 70 zeventig; 80 tachtig; 90 negentig; 100 honderd; "
    "1000 duizend; 1000000 miljoen; 1000000000 miljard; 1.5 anderhalf anderhalve; 2.5 tweeënhalf tweeënhalve; "
    "3.5 drieënhalf drieënhalve; 4.5 vierenhalf vierenhalve; 5.5 vijfenhalf vijfenhalve; 6.5 zesenhalf zesenhalve; "
    "7.5 zevenenhalf; 8.5 achtenhalf; 9.5 negenenhalf; 10.5 tienenhalf",
    ordinals="1 eerste; 2 tweede; 3 derde; 4 vierde; 5 vijfde; 6 zesde; 7 zevende; 8 achtste; 9 negende; 10 tiende; "
    "11 elfde; 12 twaalfde; 13 dertiende; 14 veertiende; 15 vijftiende; 16 zestiende; 17 zeventiende; "
    "18 achttiende; 19 negentiende; 20 twintigste; 30 dertigste; 40 veertigste; 50 vijftigste; 60 zestigste; "
    "70 zeventigste; 80 tachtigste; 90 negentigste; 100 honderdste; 1000 duizendste",
    suffixes="e de ste",
    joins="en",
    points="komma punt",
    signs="+ plus; - min; & en",
    units="USD dollar, dollars; EUR euro, euros; GBP pond; JPY yen; CNY yuan; KRW won; INR roepie, roepies; "
    "RUB roebel, roebels; TRY lira; PLN zloty; CHF frank, franken; cent cent, cents, eurocent; "
    "% procent, percent; ° graad, graden; °C graden celsius; °F graden fahrenheit; km kilometer, kilometers; "
    "m meter, meters; cm centimeter, centimeters; mm millimeter, millimeters; kg kilo, kilogram; g gram; "
    "mg milligram; l liter, liters; ml milliliter, milliliters; h uur, uren; min minuut, minuten; "
    "s seconde, seconden, sec; km/h kilometer per uur, km per uur; GB gigabyte; MB megabyte; W watt; V volt",
    months="januari februari maart april mei juni juli augustus september oktober november december",
    times="-H:30 half H; H:15 kwart over H; -H:45 kwart voor H; H:M M over H, M minuten over H, H uur M; "
    "-H:60-M M voor H, M minuten voor H; H:00 H uur; T+0 T uur; N.5 N en een half, N en een halve; 1/2 een half, "
    "een halve; 1/4 een kwart; 3/4 drie kwart, driekwart",
    glued=True,
    rules=Rules(units_first=True),
)
