// The lists of the peer: Relay connections by key, and the catalog.
import { then } from "./peer_store.mjs";

const time = (micros) =>
  (micros === null ? null : new Date(micros / 1000).toISOString().replace(".000Z", "Z"));
const uuid = (bytes) => {
  if (bytes === null) {
    return null;
  }
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-` +
    hex.slice(20);
};
// As the store has search texts: character by character.
const lowered = (text) => text.replaceAll("İ", "i").toLowerCase();
const micros = (text) => new Date(text).getTime() * 1000;
const packed = (key) => Buffer.from(JSON.stringify(key.map((value) =>
  (Buffer.isBuffer(value) ? { hex: value.toString("hex") } : value)))).toString("base64url");
const unpacked = (cursor) => JSON.parse(Buffer.from(cursor, "base64url").toString())
  .map((value) => (value?.hex === undefined ? value : Buffer.from(value.hex, "hex")));

// A class of objects over rows: `columns` are [field, SQL, conversion]; only fields that are
// selected are converted.
function recordOf(columns) {
  class Record {
    constructor(row) {
      this.row = row;
    }
  }
  for (const [i, [name, , convert]] of columns.entries()) {
    Object.defineProperty(Record.prototype, name, {
      get: convert ? function () { return convert(this.row[i]); }
        : function () { return this.row[i]; },
    });
  }
  return Record;
}

function anyOf(column) {
  return (given, store) => (store.isPostgres
    ? [`${column} = ANY(?)`, given]
    : [`${column} IN (${given.map(() => "?").join(", ")})`, ...given]);
}

function range(column) {
  return ({ from, to }) => {
    const parts = [from && `${column} >= ?`, to && `${column} < ?`].filter(Boolean);
    return [parts.join(" AND ") || "true", ...[from, to].filter(Boolean).map(micros)];
  };
}

// Through the index that preparePeer() makes, which knows of three characters or more.
function search(text, store) {
  if (store.isPostgres) {
    return ["u.search LIKE ?", `%${text.replace(/[\\%_]/g, "\\$&")}%`];
  }
  return [...text].length < 3 ? ["instr(u.search, ?) > 0", text]
    : [`t.user_id IN (SELECT f.id FROM peer_search s JOIN users f ON f.number = s.rowid
        WHERE s.search MATCH ?)`, `"${text.replaceAll('"', '""')}"`];
}

function defineList(list) {
  list.Record = recordOf(list.columns);
  list.selected = list.columns.map(([, sql]) => sql).join(", ");
  return list;
}

export const progress = defineList({
  type: "ProgramProgress",
  table: "program_progress t",
  joins: `JOIN users u ON u.id = t.user_id
    LEFT JOIN program_titles p ON p.key = t.program_key`,
  searched: "JOIN users u ON u.id = t.user_id",
  columns: [
    ["userId", "t.user_id", uuid], ["userEmail", "u.email"], ["userFirstName", "u.first_name"],
    ["userLastName", "u.last_name"], ["enrollmentStatus", "t.enrollment_status"],
    ["enrolledAt", "t.enrolled_at", time], ["unenrolledAt", "t.unenrolled_at", time],
    ["graduatedAt", "t.graduated_at", time], ["completedAt", "t.completed_at", time],
    ["programKey", "t.program_key"], ["programVersion", "t.program_version"],
    ["programType", "t.program_type"], ["lastActiveAt", "t.last_active_at", time],
    ["learnerHours", "t.learner_hours"], ["completionPercentage", "t.completion_percentage"],
    ["projectsRequiredTotal", "t.projects_required_total"],
    ["projectsRequiredCompleted", "t.projects_required_completed"],
    ["onTrackStatus", "t.on_track_status"], ["learningPlanId", "t.learning_plan_id"],
    ["programTitle", "p.title"], ["updatedAt", "t.updated_at", time],
  ],
  orders: { EMAIL: "t.email_key", PROGRAM_TITLE: "t.title_key",
    ENROLLMENT_STATUS: "t.enrollment_status", LAST_ACTIVE: "t.last_active_key",
    COMPLETED_PROJECTS: "t.projects_required_completed", ENROLLED_AT: "t.enrolled_at",
    COMPLETION_PERCENTAGE: "t.completion_percentage", UPDATED_AT: "t.updated_at" },
  order: "EMAIL",
  direction: "ASC",
  ties: ["t.user_id", "t.program_key"],
  filters: {
    programKeys: anyOf("t.program_key"),
    programType: anyOf("t.program_type"),
    enrollmentStatus: anyOf("t.enrollment_status"),
    onTrackStatus: anyOf("t.on_track_status"),
    learningPlanIds: anyOf("t.learning_plan_id"),
    updatedAt: range("t.updated_at"),
    query: (text, store) => search(lowered(text), store),
  },
});
export const attempts = defineList({
  type: "AssessmentProgress",
  table: "assessment_progress t",
  joins: `LEFT JOIN users u ON u.id = t.user_id
    LEFT JOIN assessments a ON a.id = t.assessment_id`,
  columns: [
    ["userId", "t.user_id", uuid], ["assessmentId", "t.assessment_id"],
    ["attemptId", "t.attempt_id"], ["assessmentStatus", "t.assessment_status"],
    ["assessmentResult", "t.assessment_result"], ["createdAt", "t.created_at", time],
    ["updatedAt", "t.updated_at", time], ["userEmail", "u.email"], ["assessmentTitle", "a.title"],
  ],
  orders: { UPDATED_AT: "t.updated_at" },
  order: "UPDATED_AT",
  direction: "DESC",
  ties: ["t.attempt_id"],
  filters: {},
});
export const planProgress = defineList({
  type: "LearningPlanProgress",
  table: "learning_plan_progress t",
  joins: `JOIN users u ON u.id = t.user_id JOIN learning_plans l ON l.id = t.plan_id`,
  columns: [
    ["userId", "t.user_id", uuid], ["subscriptionStatus", "t.subscription_status"],
    ["requiredStepsTotal", "t.required_steps_total"],
    ["requiredStepsCompleted", "t.required_steps_completed"], ["createdAt", "t.created_at", time],
    ["updatedAt", "t.updated_at", time], ["userEmail", "u.email"], ["planTitle", "l.title"],
  ],
  orders: { UPDATED_AT: "t.updated_at" },
  order: "UPDATED_AT",
  direction: "DESC",
  ties: ["t.user_id"],
  filters: { planId: (id) => ["t.plan_id = ?", id] },
});

// The source of a connection and of its pageInfo. The page is read once, when something of it is
// selected; at once where the store answers at once.
class Connection {
  constructor(store, company, list, input) {
    this.store = store;
    this.list = list;
    this.input = input;
    this.limit = input.first ?? 50;
    this.isRising = (input.order ?? list.direction) === "ASC";
    this.keys = [list.orders[input.orderBy ?? list.order], ...list.ties];
    this.where = ["t.company_id = ?"];
    this.values = [company];
    for (const [name, make] of Object.entries(list.filters)) {
      const given = name === "query" || name === "planId" ? input[name] : input.filter?.[name];
      if (given !== undefined && given !== null) {
        const [condition, ...more] = make(given, store);
        this.where.push(condition);
        this.values.push(...more);
      }
    }
  }

  beyond(comparison) {
    return `(${this.keys.join(", ")}) ${comparison} (${this.keys.map(() => "?").join(", ")})`;
  }

  from() {
    return `FROM ${this.list.table} ${this.input.query ? this.list.searched : ""}`;
  }

  page() {
    if (this.rows === undefined) {
      const { list, keys, input } = this;
      const where = [...this.where];
      const values = [...this.values];
      if (input.after) {
        where.push(this.beyond(this.isRising ? ">" : "<"));
        values.push(...unpacked(input.after));
      }
      // What a search finds is looked up and sorted: SQLite would go through the order instead.
      const hidden = input.query && !this.store.isPostgres ? "+" : "";
      this.rows = this.store.all(`SELECT ${list.selected}, ${keys.join(", ")}
        FROM ${list.table} ${list.joins} WHERE ${where.join(" AND ")}
        ORDER BY ${keys.map((key) => `${hidden}${key} ${this.isRising ? "ASC" : "DESC"}`).join(", ")}
        LIMIT ?`, [...values, this.limit + 1]);
    }
    return this.rows;
  }

  cursorOf(row) {
    return packed(row.slice(this.list.columns.length));
  }

  edges() {
    return then(this.page(), (rows) => rows.slice(0, this.limit).map((row) =>
      ({ node: new this.list.Record(row), cursor: () => this.cursorOf(row) })));
  }

  totalCount() {
    return then(this.store.all(`SELECT count(*) ${this.from()} WHERE ${this.where.join(" AND ")}`,
      this.values), (rows) => rows[0][0]);
  }

  hasNextPage() {
    return then(this.page(), (rows) => rows.length > this.limit);
  }

  hasPreviousPage() {
    const { after } = this.input;
    return Boolean(after) && then(this.store.all(`SELECT 1 ${this.from()}
      WHERE ${this.where.join(" AND ")} AND ${this.beyond(this.isRising ? "<=" : ">=")} LIMIT 1`,
    [...this.values, ...unpacked(after)]), (rows) => rows.length > 0);
  }

  startCursor() {
    return then(this.page(), (rows) => (rows.length > 0 ? this.cursorOf(rows[0]) : null));
  }

  endCursor() {
    return then(this.page(), (rows) => (rows.length > 0
      ? this.cursorOf(rows[Math.min(rows.length, this.limit) - 1]) : null));
  }
}

export function connection(store, company, list, input) {
  return new Connection(store, company, list, input ?? {});
}

const flag = (value) => value === 1 || value === true;
const Program = recordOf([
  ["key", "t.key"], ["version", "t.version"], ["locale", "t.locale"], ["type", "t.type"],
  ["title", "t.title"], ["summary", "t.summary"], ["syllabusUrl", "t.syllabus_url"],
  ["imageUrl", "t.image_url"], ["redirectUrl", "t.redirect_url"], ["duration", "t.duration"],
  ["modifiedDate", "t.modified_date", time], ["skillNames", "t.skill_names", JSON.parse],
  ["difficultyLevel", "t.difficulty_level"],
  ["supportedLanguages", "t.supported_languages", JSON.parse],
]);
const Assessment = recordOf([
  ["id", "t.id"], ["title", "t.title"], ["category", "t.category"],
  ["passingScore", "t.passing_score"], ["isTimed", "t.is_timed", flag],
  ["timeLimit", "t.time_limit"],
  ["totalQuestionsInAssessment", "t.total_questions_in_assessment"],
]);
const Plan = recordOf([["id", "t.id"], ["title", "t.title"], ["key", "t.key"], ["slug", "t.slug"]]);

export function catalog(store, company, contract) {
  const covered = (table, key) => `SELECT c.${key} FROM contracts o
    JOIN ${table} c ON c.contract_id = o.id WHERE o.company_id = ?${contract ? " AND o.id = ?" : ""}`;
  const values = contract ? [company, contract] : [company];
  const records = (Kind, sql) => then(store.all(sql, values), (rows) => rows.map((row) =>
    new Kind(row)));
  return {
    companyId: company,
    programs: () => records(Program, `SELECT t.key, t.version, t.locale, t.type, t.title, t.summary,
      t.syllabus_url, t.image_url, t.redirect_url, t.duration, t.modified_date, t.skill_names,
      t.difficulty_level, t.supported_languages FROM programs t
      WHERE t.key IN (${covered("contract_programs", "program_key")}) ORDER BY t.key, t.locale`),
    assessments: () => records(Assessment, `SELECT t.id, t.title, t.category, t.passing_score,
      t.is_timed, t.time_limit, t.total_questions_in_assessment FROM assessments t
      WHERE t.id IN (${covered("contract_assessments", "assessment_id")}) ORDER BY t.id`),
    learningPlans: () => records(Plan, `SELECT t.id, t.title, t.key, t.slug FROM learning_plans t
      WHERE t.company_id = ?${contract ? " AND t.contract_id = ?" : ""} ORDER BY t.id`),
  };
}
