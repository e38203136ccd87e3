"""Number words, units and times of Russian and Polish, in the cases that follow numbers."""

from __future__ import annotations

from pipeline.text.values.words import Words

RUSSIAN = Words(
    cardinals="0 ноль нуль ноля нуля; 1 один одна одно одного одной одну одному одним; 2 два две двух двум двумя; "
    "3 три трёх трём тремя; 4 четыре четырёх четырём четырьмя; 5 пять пяти пятью; 6 шесть шести шестью; "
    "7 семь семи семью; 8 восемь восьми восемью; 9 девять девяти девятью; 10 десять десяти десятью; "
    "11 одиннадцать одиннадцати; 12 двенадцать двенадцати; 13 тринадцать тринадцати; 14 четырнадцать четырнадцати; "
    "15 пятнадцать пятнадцати; 16 шестнадцать шестнадцати; 17 семнадцать семнадцати; "
    "18 восемнадцать восемнадцати; 19 девятнадцать девятнадцати; 20 двадцать двадцати; 30 тридцать тридцати; "
    "40 сорок сорока; 50 пятьдесят пятидесяти; 60 шестьдесят шестидесяти; 70 семьдесят семидесяти; "
    "80 восемьдесят восьмидесяти; 90 девяносто девяноста; 100 сто ста; 200 двести двухсот; 300 триста трёхсот; "
    "400 четыреста четырёхсот; 500 пятьсот пятисот; 600 шестьсот шестисот; 700 семьсот семисот; "
    "800 восемьсот восьмисот; 900 девятьсот девятисот; 1000 тысяча тысячи тысяч тысячу; "
    "1000000 миллион миллиона миллионов; 1000000000 миллиард миллиарда миллиардов; 1.5 полтора полторы полутора",
    ordinals="1 перв; 2 втор; 3 трет треть; 4 четвёрт; 5 пят; 6 шест; 7 седьм; 8 восьм; 9 девят; 10 десят; "
    "11 одиннадцат; 12 двенадцат; 13 тринадцат; 14 четырнадцат; 15 пятнадцат; 16 шестнадцат; 17 семнадцат; "
    "18 восемнадцат; 19 девятнадцат; 20 двадцат; 30 тридцат; 40 сороков; 50 пятидесят; 60 шестидесят; "
    "70 семидесят; 80 восьмидесят; 90 девяност; 100 сот; 1000 тысячн",
    endings="ый ий ой ая ое ого ому ом ую ые ых ым ья ье ьего ьей ьему ьем ью я е его ей ему ем ю",
    suffixes="й го му я е ый ого ая ое ой ом ую х м ом ей его",
    points="целых целая запятая точка",
    tenths="1 десятых десятая; 2 сотых сотая; 3 тысячных тысячная",
    signs="+ плюс; - минус; & и",
    units="USD доллар, доллара, долларов; EUR евро; GBP фунт, фунта, фунтов; JPY иена, иены, иен; "
    "CNY юань, юаня, юаней; KRW вона, воны, вон; INR рупия, рупии, рупий; RUB рубль, рубля, рублей, руб; "
    "TRY лира, лиры, лир; PLN злотый, злотых; CHF франк, франка, франков; "
    "cent копейка, копейки, копеек, коп, цент, цента, центов; % процент, процента, процентов; "
    "° градус, градуса, градусов; °C градусов цельсия, градуса цельсия; °F градусов фаренгейта; "
    "km километр, километра, километров, км; m метр, метра, метров, м; "
    "cm сантиметр, сантиметра, сантиметров, см; mm миллиметр, миллиметра, миллиметров, мм; "
    "kg килограмм, килограмма, килограммов, кг, кило; g грамм, грамма, граммов, г, гр; "
    "mg миллиграмм, миллиграммов, мг; "
    "l литр, литра, литров, л; ml миллилитр, миллилитра, миллилитров, мл; h час, часа, часов, ч; "
    "min минута, минуты, минут, минуту, мин; s секунда, секунды, секунд, сек; "
    "km/h километров в час, километра в час, км ч, км в час; GB гигабайт, гигабайта, гб; MB мегабайт, мегабайта, мб; "
    "W ватт; V вольт",
    months="января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    times="-O:30 половина O, половину O, пол O; -O:15 четверть O; -H:45 без четверти H; -H:60-M без M H; "
    "H:M H час M минут, H часа M минут, H часов M минут, H часов M минуты; H:00 H часов, H часа, H час; "
    "-1:30 полпервого; -2:30 полвторого; -3:30 полтретьего; -4:30 полчетвёртого; -5:30 полпятого; -6:30 полшестого; "
    "-7:30 полседьмого; -8:30 полвосьмого; -9:30 полдевятого; -10:30 полдесятого; -11:30 полодиннадцатого; "
    "-12:30 полдвенадцатого; N.5 N с половиной; 1/4 одна четверть; 3/4 три четверти",
)

POLISH = Words(
    cardinals="0 zero; 1 jeden jedna jedno jednego jednej jednym jedną; 2 dwa dwie dwóch dwu dwoma dwiema dwaj; "
    "3 trzy trzech trzem trzema; 4 cztery czterech czterem czterema; 5 pięć pięciu; 6 sześć sześciu; "
    "7 siedem siedmiu; 8 osiem ośmiu; 9 dziewięć dziewięciu; 10 dziesięć dziesięciu; 11 jedenaście jedenastu; "
    "12 dwanaście dwunastu; 13 trzynaście trzynastu; 14 czternaście czternastu; 15 piętnaście piętnastu; "
    "16 szesnaście szesnastu; 17 siedemnaście siedemnastu; 18 osiemnaście osiemnastu; "
    "19 dziewiętnaście dziewiętnastu; 20 dwadzieścia dwudziestu; 30 trzydzieści trzydziestu; "
    "40 czterdzieści czterdziestu; 50 pięćdziesiąt pięćdziesięciu; 60 sześćdziesiąt sześćdziesięciu; "
    "70 siedemdziesiąt siedemdziesięciu; 80 osiemdziesiąt osiemdziesięciu; 90 dziewięćdziesiąt dziewięćdziesięciu; "
    "100 sto stu; 200 dwieście dwustu; 300 trzysta trzystu; 400 czterysta czterystu; 500 pięćset pięciuset; "
    "600 sześćset sześciuset; 700 siedemset siedmiuset; 800 osiemset ośmiuset; 900 dziewięćset dziewięciuset; "
    "1000 tysiąc tysiące tysięcy tysiąca; 1000000 milion miliony milionów miliona; "
    "1000000000 miliard miliardy miliardów; 1.5 półtora półtorej",
    ordinals="1 pierwsz; 2 drug; 3 trzec; 4 czwart; 5 piąt; 6 szóst; 7 siódm; 8 ósm; 9 dziewiąt; 10 dziesiąt; "
    "11 jedenast; 12 dwunast; 13 trzynast; 14 czternast; 15 piętnast; 16 szesnast; 17 siedemnast; 18 osiemnast; "
    "19 dziewiętnast; 20 dwudziest; 30 trzydziest; 40 czterdziest; 50 pięćdziesiąt; 60 sześćdziesiąt; 100 setn; "
    "1000 tysięczn",
    endings="y a e ego ej ym emu ą i ia ie iego iej im iemu ią",
    suffixes="go ty ta te tego tej szy sza gi ga ci cia",
    points="przecinek koma kropka całych i",
    tenths="1 dziesiątych dziesiąta dziesiąte; 2 setnych setna setne; 3 tysięcznych",
    joins="i",
    signs="+ plus; - minus; & i",
    units="USD dolar, dolary, dolarów, dolara; EUR euro; GBP funt, funty, funtów; JPY jen, jeny, jenów; "
    "CNY juan, juany, juanów; KRW won, wony, wonów; INR rupia, rupie, rupii; RUB rubel, ruble, rubli; "
    "TRY lira, liry, lir; PLN złoty, złote, złotych, zł; CHF frank, franki, franków; "
    "cent cent, centy, centów, grosz, grosze, groszy, gr; % procent, procenta, proc; ° stopień, stopnie, stopni; "
    "°C stopni celsjusza, stopnie celsjusza; °F stopni fahrenheita; km kilometr, kilometry, kilometrów; "
    "m metr, metry, metrów; cm centymetr, centymetry, centymetrów; mm milimetr, milimetry, milimetrów; "
    "kg kilo, kilogram, kilogramy, kilogramów; g gram, gramy, gramów; mg miligram, miligramy, miligramów; "
    "l litr, litry, litrów; ml mililitr, mililitry, mililitrów; h godzina, godziny, godzin, godz; "
    "min minuta, minuty, minut; s sekunda, sekundy, sekund, sek; "
    "km/h kilometrów na godzinę, kilometry na godzinę; GB gigabajt, gigabajty, gigabajtów; "
    "MB megabajt, megabajty, megabajtów; W wat, waty, watów; V wolt, wolty, woltów",
    months="stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    times="-O:30 wpół do O, pół do O; O:15 kwadrans po O; -O:45 za kwadrans O; O:M O M, M po O; -O:60-M za M O; "
    "O:00 godzina O, godzinie O, godziny O; H:00 godzina H, godzinie H; T+0 godzina T, godzinie T, godz T; "
    "N.5 N i pół; 1/2 jedna druga; 1/4 jedna czwarta; 3/4 trzy czwarte",
)
