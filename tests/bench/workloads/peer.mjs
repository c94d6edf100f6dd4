// What people would use instead: Mercurius with its compiling executor over the same SQLite store,
// through better-sqlite3, with key pages and prepared statements. node peer.mjs STORE COMPANY PORT
import { readFileSync } from "node:fs";

import Database from "better-sqlite3";
import Fastify from "fastify";
import { GraphQLScalarType } from "graphql";
import mercurius from "mercurius";

const [store, company, port] = process.argv.slice(2);
const database = new Database(store, { readonly: true });
database.pragma("mmap_size = 2147418112");
database.pragma("cache_size = -65536");

const statements = new Map();
function all(sql, values) {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = database.prepare(sql);
    statements.set(sql, statement);
  }
  return statement.all(...values);
}

const time = (micros) =>
  micros === null ? null : new Date(micros / 1000).toISOString().replace(".000Z", "Z");
const uuid = (bytes) => {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
    .join("-");
};
const micros = (text) => new Date(text).getTime() * 1000;
const packed = (key) => Buffer.from(JSON.stringify(key.map((value) =>
  (Buffer.isBuffer(value) ? { hex: value.toString("hex") } : value)))).toString("base64url");
const unpacked = (cursor) => JSON.parse(Buffer.from(cursor, "base64url").toString())
  .map((value) => (value?.hex === undefined ? value : Buffer.from(value.hex, "hex")));

// A Relay list: `from` with its joins, the columns of a node, orders by name, ties and filters.
function connection(list, input = {}) {
  const where = [`t.company_id = ?`];
  const values = [company];
  for (const [name, make] of Object.entries(list.filters)) {
    const given = name === "query" || name === "planId" ? input[name] : input.filter?.[name];
    if (given !== undefined && given !== null) {
      const [condition, ...more] = make(given);
      where.push(condition);
      values.push(...more);
    }
  }
  const from = `FROM ${list.from} WHERE `;
  const order = list.orders[input.orderBy ?? list.order];
  const direction = input.order ?? list.direction;
  const keys = [order, ...list.ties];
  const places = keys.map(() => "?").join(", ");
  const limit = input.first ?? 50;
  let rows;
  const read = () => {
    if (rows === undefined) {
      const conditions = [...where];
      const bound = [...values];
      if (input.after) {
        conditions.push(`(${keys.join(", ")}) ${direction === "ASC" ? ">" : "<"} (${places})`);
        bound.push(...unpacked(input.after));
      }
      rows = all(`SELECT ${list.columns}, ${keys.map((key, i) => `${key} AS k${i}`).join(", ")}
        ${from}${conditions.join(" AND ")}
        ORDER BY ${keys.map((key) => `${key} ${direction}`).join(", ")} LIMIT ${limit + 1}`, bound);
    }
    return rows.slice(0, limit);
  };
  const cursor = (row) => packed(keys.map((_, i) => row[`k${i}`]));
  return {
    totalCount: () => all(`SELECT count(*) AS n ${from}${where.join(" AND ")}`, values)[0].n,
    edges: () => read().map((row) => ({ cursor: cursor(row), node: list.node(row) })),
    pageInfo: () => ({
      hasNextPage: () => { read(); return rows.length > limit; },
      hasPreviousPage: () => Boolean(input.after) && all(`SELECT EXISTS (SELECT 1 ${from}
        ${where.join(" AND ")} AND (${keys.join(", ")}) ${direction === "ASC" ? "<=" : ">="}
        (${places})) AS found`, [...values, ...unpacked(input.after)])[0].found === 1,
      endCursor: () => { const page = read(); return page.length ? cursor(page.at(-1)) : null; },
      startCursor: () => { const page = read(); return page.length ? cursor(page[0]) : null; },
    }),
  };
}

const anyOf = (column) => (given) => [`${column} IN (${given.map(() => "?").join(", ")})`, ...given];
const range = (column) => ({ from, to }) => {
  const parts = [];
  const values = [];
  if (from) { parts.push(`${column} >= ?`); values.push(micros(from)); }
  if (to) { parts.push(`${column} < ?`); values.push(micros(to)); }
  return [parts.join(" AND ") || "1", ...values];
};

const progress = {
  from: `program_progress t JOIN users u ON u.id = t.user_id
    LEFT JOIN program_titles p ON p.key = t.program_key`,
  columns: `t.*, u.email, u.first_name, u.last_name, p.title AS program_title`,
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
    query: (text) => ["instr(u.search, ?) > 0", text.toLowerCase()],
  },
  node: (row) => ({
    userId: uuid(row.user_id), userEmail: row.email, userFirstName: row.first_name,
    userLastName: row.last_name, enrollmentStatus: row.enrollment_status,
    enrolledAt: time(row.enrolled_at), unenrolledAt: time(row.unenrolled_at),
    graduatedAt: time(row.graduated_at), completedAt: time(row.completed_at),
    programKey: row.program_key, programVersion: row.program_version,
    programType: row.program_type, lastActiveAt: time(row.last_active_at),
    learnerHours: row.learner_hours, completionPercentage: row.completion_percentage,
    projectsRequiredTotal: row.projects_required_total,
    projectsRequiredCompleted: row.projects_required_completed,
    onTrackStatus: row.on_track_status, learningPlanId: row.learning_plan_id,
    programTitle: row.program_title, updatedAt: time(row.updated_at),
  }),
};
const attempts = {
  from: `assessment_progress t LEFT JOIN users u ON u.id = t.user_id
    LEFT JOIN assessments a ON a.id = t.assessment_id`,
  columns: "t.*, u.email, a.title",
  orders: { UPDATED_AT: "t.updated_at" },
  order: "UPDATED_AT",
  direction: "DESC",
  ties: ["t.attempt_id"],
  filters: {},
  node: (row) => ({
    userId: row.user_id === null ? null : uuid(row.user_id), assessmentId: row.assessment_id,
    attemptId: row.attempt_id, assessmentStatus: row.assessment_status,
    assessmentResult: row.assessment_result, createdAt: time(row.created_at),
    updatedAt: time(row.updated_at), userEmail: row.email, assessmentTitle: row.title,
  }),
};
const planProgress = {
  from: `learning_plan_progress t JOIN users u ON u.id = t.user_id
    JOIN learning_plans l ON l.id = t.plan_id`,
  columns: "t.*, u.email, l.title",
  orders: { UPDATED_AT: "t.updated_at" },
  order: "UPDATED_AT",
  direction: "DESC",
  ties: ["t.user_id"],
  filters: { planId: (id) => ["t.plan_id = ?", id] },
  node: (row) => ({
    userId: uuid(row.user_id), subscriptionStatus: row.subscription_status,
    requiredStepsTotal: row.required_steps_total,
    requiredStepsCompleted: row.required_steps_completed, createdAt: time(row.created_at),
    updatedAt: time(row.updated_at), userEmail: row.email, planTitle: row.title,
  }),
};
const covered = (table, key) => `${key} IN (SELECT cp.${table} FROM contracts c JOIN
  contract_${table === "program_key" ? "programs" : "assessments"} cp ON cp.contract_id = c.id
  WHERE c.company_id = ?)`;
const catalog = () => ({
  companyId: company,
  programs: () => all(`SELECT * FROM programs t WHERE ${covered("program_key", "t.key")}
    ORDER BY t.key, t.locale`, [company]).map((row) => ({
    key: row.key, version: row.version, locale: row.locale, type: row.type, title: row.title,
    summary: row.summary, syllabusUrl: row.syllabus_url, imageUrl: row.image_url,
    redirectUrl: row.redirect_url, duration: row.duration, modifiedDate: time(row.modified_date),
    skillNames: JSON.parse(row.skill_names), difficultyLevel: row.difficulty_level,
    supportedLanguages: JSON.parse(row.supported_languages),
  })),
  assessments: () => all(`SELECT * FROM assessments t WHERE ${covered("assessment_id", "t.id")}
    ORDER BY t.id`, [company]).map((row) => ({
    id: row.id, title: row.title, category: row.category, passingScore: row.passing_score,
    isTimed: row.is_timed === 1, timeLimit: row.time_limit,
    totalQuestionsInAssessment: row.total_questions_in_assessment,
  })),
  learningPlans: () => all("SELECT * FROM learning_plans WHERE company_id = ? ORDER BY id",
    [company]),
});

const text = (name) => new GraphQLScalarType({ name, serialize: (value) => value });
const app = Fastify({ logger: false, bodyLimit: 1 << 20 });
const roots = {
  "program-progress": ["program_progress", "programProgress", (_, { input }) =>
    connection(progress, input)],
  "assessment-progress": ["assessment_progress", "assessmentProgress", (_, { input }) =>
    connection(attempts, input)],
  "learning-plan-progress": ["learning_plan_progress", "learningPlanProgress", (_, { input }) =>
    connection(planProgress, input)],
  catalog: ["catalog", "catalog", catalog],
};
for (const [endpoint, [folder, field, resolve]] of Object.entries(roots)) {
  const schema = readFileSync(
    new URL(`../../../domains/${folder}/schema.graphql`, import.meta.url), "utf8");
  await app.register(async (instance) => {
    await instance.register(mercurius, {
      schema,
      resolvers: {
        Query: { [field]: resolve },
        ...Object.fromEntries(["Time", "Duration"].filter((name) => schema.includes(`scalar ${name}`))
          .map((name) => [name, text(name)])),
      },
      jit: 1,
      path: `/api/public/api/v1/${endpoint}/graphql`,
    });
  });
}
await app.listen({ host: "127.0.0.1", port: Number(port) });
console.log("listening");
