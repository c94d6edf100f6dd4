// The requests of the seven workloads. A cursor is the place of a row in a list, which either side
// writes in its own way: `cursors` gives those of the side that is asked.
const everyField = `userId userEmail userFirstName userLastName enrollmentStatus enrolledAt
  unenrolledAt graduatedAt completedAt programKey programVersion programType lastActiveAt
  learnerHours completionPercentage projectsRequiredTotal projectsRequiredCompleted onTrackStatus
  learningPlanId programTitle updatedAt`;
const fewFields = `userId userEmail userFirstName userLastName enrollmentStatus programKey
  programTitle completionPercentage`;
const flags = "hasNextPage hasPreviousPage endCursor";
const types = ["NANODEGREE", "COURSE", "PART"];
const statuses = ["ENROLLED", "UNENROLLED", "GRADUATED", "STATIC_ACCESS"];
const tracks = ["ON_TRACK", "OFF_TRACK", "MONITOR", "COMPLETED", "READY_TO_GRADUATE", "GRADUATED"];
const orders = ["EMAIL", "PROGRAM_TITLE", "ENROLLMENT_STATUS", "LAST_ACTIVE", "COMPLETED_PROJECTS",
  "ENROLLED_AT", "COMPLETION_PERCENTAGE", "UPDATED_AT"];

// A generator of chance from a seed (mulberry32).
function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function listQuery(fields, selection = "") {
  return `query($input: ProgramProgressInput) { programProgress(input: $input) {
    ${selection} ${fields === "" ? "" : `edges { node { ${fields} } }`} } }`;
}

// `people`: some learners as {email, first, last}; `cursors`: of rows spread over the list;
// `programs`, `plans`, `dates`: what pages are narrowed by.
export function makeRequests({ people, cursors, programs, plans, dates, seed }) {
  const random = chance(seed);
  const below = (n) => Math.floor(random() * n);
  const one = (list) => list[below(list.length)];
  const some = (list, least, most) => {
    const left = [...list];
    const size = least + below(most - least + 1);
    return Array.from({ length: size }, () => left.splice(below(left.length), 1)[0]);
  };
  const times = (n, make) => Array.from({ length: n }, make);
  const progress = (query, input) =>
    ({ endpoint: "program-progress", query, variables: { input } });

  const deep = () => progress(listQuery(everyField, `pageInfo { ${flags} }`), {
    first: 100,
    after: one(cursors),
    filter: { programType: some(types, 1, 2), enrollmentStatus: some(statuses, 1, 3),
      onTrackStatus: some(tracks, 3, 5) },
  });
  const small = () => progress(listQuery("userId userEmail programKey"),
    { first: 5, after: one(cursors) });
  const count = () => {
    const filter = { programType: some(types, 1, 2), enrollmentStatus: some(statuses, 1, 3),
      onTrackStatus: some(tracks, 1, 3) };
    if (random() < 0.5) {
      delete filter[one(Object.keys(filter))];
    }
    return progress(listQuery("", "totalCount"), { filter });
  };
  const needle = () => {
    const { email, first, last } = one(people);
    const kind = random();
    return kind < 0.3 ? last : kind < 0.45 ? first : kind < 0.75 ? `${first} ${last.slice(0, 3)}`
      : kind < 0.9 ? email.split("@")[0] : last.slice(0, 4);
  };
  const search = (counted) => progress(listQuery(fewFields, counted ? "totalCount" : ""),
    { query: needle(), first: 50 });
  const attempts = () => ({ endpoint: "assessment-progress",
    query: `query($input: AssessmentProgressInput) { assessmentProgress(input: $input) { edges {
      node { userId assessmentId attemptId assessmentStatus assessmentResult createdAt updatedAt
      userEmail assessmentTitle } } } }`,
    variables: { input: { first: 20 + below(80), order: one(["ASC", "DESC"]) } } });
  const planProgress = () => ({ endpoint: "learning-plan-progress",
    query: `query($input: LearningPlanProgressInput!) { learningPlanProgress(input: $input) {
      totalCount edges { node { userId subscriptionStatus requiredStepsTotal
      requiredStepsCompleted createdAt updatedAt userEmail planTitle } } } }`,
    variables: { input: { planId: one(plans), first: 20 + below(80) } } });
  const catalog = () => ({ endpoint: "catalog",
    query: `{ catalog { companyId programs { key version locale type title summary syllabusUrl
      imageUrl redirectUrl duration modifiedDate skillNames difficultyLevel supportedLanguages }
      assessments { id title category passingScore isTimed timeLimit totalQuestionsInAssessment }
      learningPlans { id title key slug } } }`,
    variables: {} });

  return {
    P50: [progress(listQuery(everyField), { first: 50 })],
    P100d: times(600, deep),
    PSMALL: times(200, small),
    PCOUNT: times(60, count),
    PSEARCH: times(300, () => search(false)),
    CAT: [catalog()],
    MIX: [
      ...times(250, () => progress(listQuery(everyField), { first: 20 + below(81),
        orderBy: one(orders), order: one(["ASC", "DESC"]) })),
      ...times(200, deep),
      ...times(120, () => progress(listQuery(everyField),
        { first: 50, filter: { programKeys: [one(programs)] } })),
      ...times(80, () => progress(listQuery(everyField),
        { first: 50, filter: { learningPlanIds: [one(plans)] } })),
      ...times(100, small),
      ...times(80, () => search(random() < 0.3)),
      ...times(60, () => progress(listQuery(everyField), { first: 50, orderBy: "UPDATED_AT",
        filter: { updatedAt: { from: one(dates) } } })),
      ...times(30, () => progress(listQuery("", "totalCount"),
        { filter: { programKeys: [one(programs)], enrollmentStatus: [one(statuses)] } })),
      ...times(80, attempts),
      ...times(60, planProgress),
      ...times(12, catalog),
    ].sort(() => random() - 0.5),
  };
}
