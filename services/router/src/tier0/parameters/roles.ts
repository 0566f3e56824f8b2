/** What a parameter stands for, as far as its name and description tell. One parameter may have several roles. */
export type Role =
  | "place"
  | "origin"
  | "target"
  | "start"
  | "end"
  | "date"
  | "time"
  | "zone"
  | "person"
  | "title"
  | "language"
  | "currency"
  | "unit"
  | "identifier"
  | "query"
  | "message"
  | "expression"
  | "category"
  | "count"
  | "year"
  | "duration"
  | "money"
  | "rate"
  | "minimum"
  | "maximum"
  | "email"
  | "url"
  | "phone"
  | "path"
  | "company"
  | "format"
  | "state"
  | "country"
  | "city"
  | "color"
  | "species"
  | "variable"
  | "team"
  | "first"
  | "second"
  | "command"
  | "third"
  | "detail";

/** Role → words of the name that give it; a word counts where it stands anywhere in the split name. */
const BY_NAME: readonly (readonly [Role, string])[] = [
  [
    "place",
    "location loc city place town country state region address area county province street venue district destination origin departure arrival start_location neighborhood where site airport station",
  ],
  ["city", "city town"],
  ["country", "country nation"],
  ["state", "state province"],
  ["origin", "from origin source departure depart src base pickup"],
  ["target", "to destination target dest arrival into dropoff"],
  ["start", "start begin starting initial from begins lower first checkin since after old"],
  ["end", "end finish ending final to until upper last checkout before new due"],
  ["date", "date day deadline birthday dob datetime when month"],
  ["time", "time datetime hour clock"],
  ["zone", "timezone zone tz"],
  [
    "person",
    "person player actor actress author artist user customer director composer patient employee recipient guest sender passenger owner celebrity scientist teacher student contact by singer friend celebrity cast driver",
  ],
  [
    "title",
    "title book movie song album film event game show track recipe product item museum restaurant hotel name instrument",
  ],
  ["language", "language lang locale"],
  ["currency", "currency"],
  ["unit", "unit units system scale measurement"],
  [
    "identifier",
    "id code number symbol ticker isbn key sku uuid docket reference username sequence token identifier serial vin zip zipcode postal",
  ],
  ["query", "query question search keyword keywords topic subject prompt q term terms"],
  [
    "message",
    "text message content body note sentence statement description comment answer feedback review caption summary task reminder",
  ],
  ["expression", "expression function equation formula expr func polynomial"],
  [
    "category",
    "type category kind genre style class cuisine food material method mode status model level department gender preference diet breed variant topic hobby sport",
  ],
  [
    "count",
    "count number num quantity limit amount many top n total people guests tickets adults children rooms size k max_results servings episodes measures",
  ],
  ["year", "year"],
  [
    "duration",
    "duration period years days months weeks hours minutes seconds nights length time timeframe term",
  ],
  [
    "money",
    "price cost budget amount salary income principal investment fee payment balance value money revenue",
  ],
  ["rate", "rate percent percentage yield ratio probability frequency interest alpha discount"],
  ["minimum", "min minimum least lower low above"],
  ["maximum", "max maximum most upper high under within radius budget limit"],
  ["email", "email mail"],
  ["url", "url link uri website endpoint"],
  ["phone", "phone telephone mobile"],
  ["path", "path file filename folder directory"],
  ["command", "command cmd"],
  [
    "company",
    "company organization business firm brand corporation manufacturer airline airlines store bank platform brewery",
  ],
  ["format", "format"],
  ["color", "color colour"],
  ["species", "species animal organism bird plant"],
  ["variable", "variable variables column field table target predictors"],
  ["team", "team club league"],
  ["first", "first 1 one a x"],
  ["second", "second 2 two b y"],
  ["third", "third 3 three c z"],
  ["detail", "detail details detailed info information specific aspect"],
];

/** Description patterns that give a role whatever the name says. */
const BY_DESCRIPTION: readonly (readonly [Role, RegExp])[] = [
  ["place", /\b(?:location|city|place|town|country|address|region)\b/i],
  ["city", /\bcity\b/i],
  ["country", /\bcountry\b/i],
  ["date", /\bdates?\b(?! ?set| ?frame|base)/i],
  ["time", /\btime (?:of|for|at|in)\b|\bHH:mm\b|\bhour format\b/i],
  ["zone", /\btime ?zone\b|\bIANA\b/i],
  [
    "person",
    /\bnames? of (?:the |a |an )?(?:person|player|actor|author|artist|user|customer|director|composer|patient|passenger|president|celebrity|scientist|singer|athlete|king|monarch)/i,
  ],
  ["language", /\blanguage\b/i],
  ["currency", /\bcurrency\b/i],
  ["identifier", /\bidentifier\b|\bID\b|\bcode\b|\bticker\b/],
  ["query", /\bsearch query\b|\bquestion\b|\bkeywords?\b|\btopic\b/i],
  ["message", /\b(?:text|message|content) (?:to|of|that|for|in)\b/i],
  [
    "expression",
    /\b(?:math\w*|arithmetic) expression\b|\bfunction (?:to|of|whose|for)\b|\bexpression\b|\bequation\b/i,
  ],
  ["duration", /\b(?:number of (?:years|days|months|weeks|hours|minutes|nights)|duration)\b/i],
  ["count", /\b(?:number|count|quantity|amount) of\b/i],
  ["year", /\byear\b(?!s)/i],
  ["money", /\b(?:dollars?|USD|price|cost|budget|money|amount invested|investment)\b/i],
  ["rate", /\b(?:rate|percentage|percent|probability|ratio)\b/i],
  ["minimum", /\b(?:minimum|at least|lower bound)\b/i],
  ["maximum", /\b(?:maximum|at most|upper bound|radius|within)\b/i],
  ["origin", /\b(?:starting (?:point|location)|depart\w*|origin|(?:to )?convert(?:ing)? from|source)\b/i],
  [
    "target",
    /\b(?:destination|end(?:ing)? (?:point|location)|arriv\w*|convert(?:ing)?(?: \w+)? to|target)\b/i,
  ],
  ["start", /\b(?:start|starting|beginning|initial|from)\b/i],
  ["end", /\b(?:end|ending|final|until)\b/i],
  ["email", /\be-?mail\b/i],
  ["url", /\bURL\b/],
  ["company", /\bcompany\b/i],
  ["category", /\btypes?\b|\bcategory\b|\bgenre\b|\bkind\b|\bstyle\b/i],
  ["unit", /\bunits?\b/i],
  ["first", /\bfirst\b/i],
  ["second", /\bsecond\b(?!s)/i],
  ["third", /\bthird\b/i],
];

/** Roles from the name's words, then weaker ones from the description. */
export type RoleTable = Readonly<{ byName: ReadonlySet<Role>; byDescription: ReadonlySet<Role> }>;

export function rolesOf(nameWords: readonly string[], description: string): RoleTable {
  const present = new Set(nameWords);
  const byName = new Set<Role>();
  for (const [role, list] of BY_NAME) {
    if (list.split(" ").some((word) => present.has(word))) byName.add(role);
  }
  if (byName.has("zone")) byName.delete("time");
  const head = description.slice(0, 400);
  const byDescription = new Set<Role>();
  for (const [role, pattern] of BY_DESCRIPTION)
    if (!byName.has(role) && pattern.test(head)) byDescription.add(role);
  return { byName, byDescription };
}
