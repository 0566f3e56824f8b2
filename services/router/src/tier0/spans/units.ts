/** Units as they are written, their dimension, and the factor to the dimension's base where converting is linear. */
export type Unit = Readonly<{ dimension: string; name: string; factor: number | undefined }>;

// dimension: name factor spelling spelling …; a factor of "-" means: never converted.
const TABLE = `
length: meter 1 m meter meters metre metres
length: kilometer 1000 km kms kilometer kilometers kilometre kilometres
length: centimeter 0.01 cm centimeter centimeters centimetre centimetres
length: millimeter 0.001 mm millimeter millimeters
length: mile 1609.344 mi mile miles
length: foot 0.3048 ft foot feet
length: inch 0.0254 inch inches
length: yard 0.9144 yd yard yards
length: light-year - light-year lightyear
mass: kilogram 1 kg kgs kilo kilos kilogram kilograms
mass: gram 0.001 g gram grams
mass: milligram 0.000001 mg milligram milligrams
mass: pound 0.45359237 lb lbs pound pounds
mass: ounce 0.028349523125 oz ounce ounces
mass: ton 1000 ton tons tonne tonnes
time: second 1 s sec secs second seconds
time: minute 60 min mins minute minutes
time: hour 3600 h hr hrs hour hours hourly
time: day 86400 day days daily night nights
time: week 604800 week weeks weekly
time: month - month months monthly
time: year - yr yrs year years yearly annually annual
time: millisecond 0.001 ms millisecond milliseconds
temperature: celsius - °c celsius centigrade
temperature: fahrenheit - °f fahrenheit
temperature: kelvin - k kelvin kelvins
temperature: degree - ° degree degrees
percent: percent - % percent percentage percentile
money: dollar - $ usd dollar dollars bucks
money: euro - € eur euro euros
money: yen - ¥ jpy yen
money: rupee - ₹ inr rupee rupees
money: pound-sterling - £ gbp
volume: liter 1 l liter liters litre litres
volume: milliliter 0.001 ml milliliter milliliters
volume: gallon - gallon gallons
volume: cup - cup cups
speed: mps - mps m/s
speed: mph - mph
speed: kph - kph km/h kmh
frequency: hertz 1 hz hertz
frequency: kilohertz 1000 khz
frequency: bpm - bpm beats
voltage: volt - v volt volts
current: ampere - amp amps ampere amperes
charge: coulomb - coulomb coulombs
force: newton - newton newtons
energy: joule - j joule joules
energy: calorie - kcal calorie calories
power: watt - w watt watts kw kilowatt
pressure: pascal - pa pascal pascals
pressure: atmosphere - atm atmosphere atmospheres
resistance: ohm - ohm ohms
field: tesla - tesla teslas
amount: mole - mol mole moles
data: megabyte - mb megabyte megabytes
data: gigabyte - gb gigabyte gigabytes
screen: pixel - px pixel pixels
rating: star - star stars
count: people - people persons guests adults passengers
`;

const QUALIFIER = /^(?:square|cubic|sq|cu|nautical|fluid) /;
const DEGREES = /^degrees? /;

/** How a text of lower-case words names a unit, "degrees" left out; undefined where it names none: "square feet", "grams/mole", "miles per hour". */
export function unitNamed(text: string, units: Units): string | undefined {
  const plain = text.replace(DEGREES, "");
  if (plain !== text) return units.get(plain)?.dimension === "temperature" ? plain : undefined;
  if (units.has(text)) return text;
  const parts = text.split(/ ?\/ ?| per /);
  if (parts.length === 2) return parts.every((part) => units.has(part)) ? text : undefined;
  return QUALIFIER.test(text) && units.has(text.replace(QUALIFIER, "")) ? text : undefined;
}

export type Units = ReadonlyMap<string, Unit>;

export function buildUnits(): Units {
  const units = new Map<string, Unit>();
  for (const line of TABLE.trim().split("\n")) {
    const [dimension = "", rest = ""] = line.split(": ");
    const [name = "", factor = "-", ...spellings] = rest.split(" ");
    const unit = { dimension, name, factor: factor === "-" ? undefined : Number(factor) };
    for (const spelling of spellings) units.set(spelling, unit);
  }
  return units;
}
