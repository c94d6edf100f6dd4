#include "exchange/record_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "exchange/limits.h"
#include "exchange/testing.h"
#include "tables/json_row.h"

namespace matricula::exchange {
namespace {

// The canonical line, or the reason why the line is refused.
std::string read(std::string_view entity_name, std::string_view line) {
  const records::Entity& entity = *records::find_entity(entity_name);
  RecordReader reader(entity);
  Record record;
  const simdjson::padded_string padded(line);
  const Result<void> taken = reader.read(std::string_view(padded), record);
  if (!taken) {
    EXPECT_EQ(taken.error().code, ErrorCode::kBadUserInput);
    return taken.error().message;
  }
  std::string out;
  tables::append_record(out, entity, record.values);
  out.pop_back();
  return out;
}

std::string company(std::string_view line) {
  return read("companies", line);
}

// The first sample line of the entity with one field's value replaced.
std::string with(const std::string& entity, const std::string& field, const std::string& value) {
  std::string line = sample_files().at(entity);
  line.resize(line.find('\n'));
  const std::string name = "\"" + field + "\":";
  const std::size_t start = line.find(name) + name.size();
  std::size_t end = start;
  if (line[start] == '"') {
    end = line.find('"', start + 1) + 1;
  } else if (line[start] == '[') {
    int depth = 0;
    do {
      depth += line[end] == '[' ? 1 : line[end] == ']' ? -1 : 0;
      ++end;
    } while (depth > 0);
  } else {
    end = line.find_first_of(",}", start);
  }
  line.replace(start, end - start, value);
  return read(entity, line);
}

// Export writes lines that import takes.
TEST(RecordReader, ARecordIsBoundedInItsCanonicalForm) {
  const auto named = [](std::size_t bytes) {
    const std::string empty = R"({"id":"x","slug":"s","name":""})";
    return company(R"({"id":"x","slug":"s","name":")" + std::string(bytes - empty.size() - 1, 'n') +
                   R"("})");
  };
  EXPECT_EQ(named(kRecordBytesMax).size() + 1, kRecordBytesMax);
  EXPECT_EQ(named(kRecordBytesMax + 1),
            "takes 4193281 bytes in the form that export writes, of 4193280 at most");
  // What a translation lacks is written, so that a short line becomes a long one.
  const auto translations = [](std::size_t count) {
    std::string list = R"([{"language":"e"})";
    for (std::size_t i = 1; i < count; ++i) {
      list += R"(,{"language":"e"})";
    }
    std::string line = sample_files().at("programs");
    line.resize(line.find('\n') - 1);
    return read("programs", line + R"(,"translations":)" + list + "]}");
  };
  EXPECT_TRUE(translations(40'000).starts_with("{"));
  EXPECT_TRUE(translations(60'000).starts_with("takes "));
}

TEST(RecordReader, CanonicalLinesComeBackByteForByte) {
  for (const auto& [name, text] : sample_files()) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_EQ(read(name, line), line);
    }
  }
}

TEST(RecordReader, OtherFormsBecomeCanonical) {
  EXPECT_EQ(company(" { \"name\" : \"\\u00c4\\/\" , \"slug\":\"s\",\"id\":\"i\" } \r"),
            R"({"id":"i","slug":"s","name":"Ä/"})");
  EXPECT_EQ(with("users", "id", "\"ABCDEF01-2345-6789-ABCD-EF0123456789\""),
            R"({"id":"abcdef01-2345-6789-abcd-ef0123456789","email":"Ada@Example.com",)"
            R"("firstName":"Ada","lastName":"Lovelace"})");
  EXPECT_EQ(
      with("contracts", "startsAt", "\"2025-01-01T02:00:00.12345678+02:00\""),
      R"({"id":"a1","companyId":"acme","name":"First","startsAt":"2025-01-01T00:00:00.123456Z"})");
  EXPECT_EQ(with("contracts", "startsAt", "null"),
            R"({"id":"a1","companyId":"acme","name":"First"})");
  EXPECT_EQ(with("assessments", "passingScore", "-0.0").substr(49, 19), R"("passingScore":0,"i)");
  EXPECT_EQ(with("assessments", "passingScore", "8.25e1").substr(49, 20),
            R"("passingScore":82.5,)");
}

TEST(RecordReader, WhatIsNotAJsonObjectIsRefused) {
  EXPECT_EQ(company("{"), "is not valid JSON");
  EXPECT_EQ(company("x"), "is not valid JSON");
  EXPECT_EQ(company("{}{}"), "is not valid JSON");
  EXPECT_EQ(company("{\"id\":\"a\",}"), "is not valid JSON");
  EXPECT_EQ(company("{\"id\":\"a}"), "is not valid JSON: a text is not closed");
  EXPECT_EQ(company("{\"id\":\"\\x\"}"),
            "is not valid JSON: a text has a bad escape or a control character");
  EXPECT_EQ(company("{\"id\":\"\\ud800\"}"),
            "is not valid JSON: a text has a bad escape or a control character");
  EXPECT_EQ(company("{\"id\":\"a\tb\"}"),
            "is not valid JSON: a text has a bad escape or a control character");
  EXPECT_EQ(company("{\"id\":1e999}"), "the number 1e999 is too large");
  EXPECT_EQ(company("{\"id\":01}"), "is not valid JSON: a number is malformed");
  EXPECT_EQ(company("{\"id\":\"\xff\"}"), "is not UTF-8");
  EXPECT_EQ(company("{\"id\":\"\xed\xa0\x80\"}"), "is not UTF-8");
  EXPECT_EQ(company("[]"), "expected an object, found an array");
  EXPECT_EQ(company("7"), "expected an object, found 7");
}

TEST(RecordReader, NestingHasALimit) {
  const auto nested = [](std::size_t depth) {
    return company("{\"id\":" + std::string(depth - 1, '[') + "0" + std::string(depth - 1, ']') +
                   "}");
  };
  EXPECT_EQ(nested(kNestingMax), "id: expected text, found an array");
  EXPECT_EQ(nested(kNestingMax + 1), "is nested deeper than 200 levels");
}

TEST(RecordReader, FieldsMustBeKnownPresentAndOnce) {
  EXPECT_EQ(company(R"({"id":"a","slugs":"s"})"),
            R"(unknown field "slugs"; the fields of a companies record are id, slug, name)");
  EXPECT_EQ(company(R"({"id":"a","slug":"s"})"), "name is missing");
  EXPECT_EQ(company(R"({"id":"a","id":"a"})"), "id appears twice");
  EXPECT_EQ(company(R"({"_delete":true,"_delete":true})"), "_delete appears twice");
  EXPECT_EQ(company(R"({"_delete":1,"id":"a"})"), "_delete: expected true or false, found 1");
  EXPECT_EQ(company(R"({"_delete":true,"slug":"a"})"), "id is missing");
  EXPECT_EQ(company(R"({"_delete":true,"id":"a"})"), R"({"id":"a"})");
  EXPECT_EQ(company(R"({"_delete":false,"id":"a"})"), "slug is missing");
}

TEST(RecordReader, TextsAreChecked) {
  EXPECT_EQ(company(R"({"id":7,"slug":"s","name":"n"})"), "id: expected text, found 7");
  EXPECT_EQ(company(R"({"id":null,"slug":"s","name":"n"})"), "id: expected text, found null");
  EXPECT_EQ(company(R"({"id":"","slug":"s","name":"n"})"),
            R"(id: expected text that is not empty, found "")");
  EXPECT_EQ(company(R"({"id":"a","slug":"s","name":"n\u0000"})"),
            "name: contains the character NUL, which cannot be kept");
  EXPECT_EQ(company(R"({"id":"a","slug":"s","name":{"a":1}})"),
            "name: expected text, found an object");
  EXPECT_EQ(company(R"({"id":"a","slug":"s","name":""})"), R"({"id":"a","slug":"s","name":""})");
}

TEST(RecordReader, IdentifiersHaveNoBlanksAtTheirEndsAndNoControlCharacters) {
  const auto blanks = [](const std::string& field, const std::string& found) {
    return field + ": expected text without blanks at its ends, found \"" + found +
           "\": remove them";
  };
  const auto control = [](const std::string& field, const std::string& found) {
    return field + ": expected text without control characters, found \"" + found +
           "\": remove them";
  };
  for (const auto& [entity, field] : std::vector<std::pair<std::string, std::string>>{
           {"companies", "id"},
           {"companies", "slug"},
           {"contracts", "id"},
           {"programs", "key"},
           {"programs", "locale"},
           {"assessments", "id"},
           {"learning_plans", "id"},
           {"learning_plans", "key"},
           {"learning_plans", "slug"},
           {"program_progress", "programKey"},
           {"assessment_progress", "attemptId"},
           {"assessment_progress", "assessmentStatus"}}) {
    for (const std::string bad : {" x", "x ", "x\u00a0", "\u3000x", "\ufeffx", "x\u200b", " "}) {
      EXPECT_EQ(with(entity, field, "\"" + bad + "\""), blanks(field, bad)) << entity;
    }
    EXPECT_EQ(with(entity, field, R"("a\tb")"), control(field, R"(a\tb)"));
    EXPECT_EQ(with(entity, field, R"("ab\n")"), control(field, R"(ab\n)"));
    EXPECT_EQ(with(entity, field, "\"a\u0085b\""), control(field, "a\u0085b"));
    EXPECT_EQ(with(entity, field, "\"a\u2028b\""), control(field, "a\u2028b"));
    EXPECT_TRUE(with(entity, field, "\"a b\u200dß\"").starts_with('{')) << entity;
  }
  EXPECT_EQ(with("users", "email", "\"a@b\u00a0\""), blanks("email", "a@b\u00a0"));
  EXPECT_EQ(with("learning_plans", "steps",
                 R"([{"stepId":"a ","stepType":"SURVEY","label":" l ","isRequired":true}])"),
            blanks("steps[0].stepId", "a "));
  EXPECT_EQ(with("learning_plans", "steps",
                 R"([{"stepId":"a","stepType":"GROUP","label":"","isRequired":true,"steps":)"
                 R"([{"stepId":"b","stepType":"SURVEY","label":"","isRequired":true,)"
                 R"("resourceKey":" "}]}])"),
            blanks("steps[0].steps[0].resourceKey", " "));
  // Names are as people write them.
  EXPECT_TRUE(with("companies", "name", "\" x\\t \"").starts_with('{'));
  // What older versions took can be deleted.
  EXPECT_EQ(company(R"({"_delete":true,"id":" x"})"), R"({"id":" x"})");
}

TEST(RecordReader, TextsThatIndexesHoldAreBounded) {
  const auto text = [](std::size_t size) { return "\"" + std::string(size, 'x') + "\""; };
  const auto refusal = [](std::string_view field, std::size_t most) {
    return fmt::format("{}: expected at most {} bytes, found {}", field, most, most + 1);
  };
  EXPECT_NE(with("companies", "id", text(500)), refusal("id", 500));
  EXPECT_EQ(with("companies", "id", text(501)), refusal("id", 500));
  EXPECT_EQ(with("companies", "slug", text(501)), refusal("slug", 500));
  EXPECT_EQ(with("assessment_progress", "assessmentStatus", text(501)),
            refusal("assessmentStatus", 500));
  const auto result = [&](std::size_t size) {
    return with("assessment_progress", "assessmentStatus",
                R"("completed","assessmentResult":)" + text(size));
  };
  EXPECT_NE(result(500), refusal("assessmentResult", 500));
  EXPECT_EQ(result(501), refusal("assessmentResult", 500));
  for (const char* field : {"key", "slug"}) {
    EXPECT_NE(with("learning_plans", field, text(500)), refusal(field, 500));
    EXPECT_EQ(with("learning_plans", field, text(501)), refusal(field, 500));
  }
  const auto step = [&](std::size_t size) {
    return R"([{"stepId":"s","stepType":"PROGRAM","label":"l","isRequired":true,"resourceKey":)" +
           text(size) + "}]";
  };
  EXPECT_NE(with("learning_plans", "steps", step(500)), refusal("steps[0].resourceKey", 500));
  EXPECT_EQ(with("learning_plans", "steps", step(501)), refusal("steps[0].resourceKey", 500));
  EXPECT_NE(with("programs", "title", text(1'000)), refusal("title", 1'000));
  EXPECT_EQ(with("programs", "title", text(1'001)), refusal("title", 1'000));
  const std::string name(318, 'x');
  EXPECT_NE(with("users", "email", "\"" + name + "@y\""), refusal("email", 320));
  EXPECT_EQ(with("users", "email", "\"" + name + "x@y\""), refusal("email", 320));
  EXPECT_NE(with("companies", "name", text(5'000)), refusal("name", 500));
}

TEST(RecordReader, UsersAreChecked) {
  EXPECT_EQ(with("users", "id", "\"ada\""), R"(id: expected a UUID, found "ada")");
  for (const std::string bad : {"ada", "@b", "a@", "a b@c"}) {
    EXPECT_EQ(with("users", "email", "\"" + bad + "\""),
              "email: expected an e-mail address, found \"" + bad + "\"");
  }
  EXPECT_TRUE(with("users", "email", R"("a@b@c")").find(R"("email":"a@b@c")") != std::string::npos);
  EXPECT_EQ(with("users", "email", "true"), "email: expected an e-mail address, found true");
}

TEST(RecordReader, NumbersAreChecked) {
  const std::string whole = "version: expected a whole number from 0 to 2147483647, found ";
  for (const std::string bad :
       {"-1", "2147483648", "99999999999999999999", "1e400", "\"1\"", "null"}) {
    EXPECT_EQ(with("programs", "version", bad), whole + bad);
  }
  EXPECT_EQ(with("programs", "version", "1.5"), whole + "1.5");
  EXPECT_NE(with("programs", "version", "2147483647").find("\"version\":2147483647,"),
            std::string::npos);
  for (const std::string whole_in_value : {"3.0", "3e0", "30E-1", "0.3e+1"}) {
    EXPECT_EQ(with("programs", "version", whole_in_value), with("programs", "version", "3"));
  }
  EXPECT_EQ(with("programs", "version", "-0.0"), with("programs", "version", "0"));
  EXPECT_EQ(with("program_progress", "completionPercentage", "100.5"),
            "completionPercentage: expected a number from 0 to 100, found 100.5");
  for (const std::string large : {"1e400", "-1e400", "123456789012345678901234567890", "1e15001"}) {
    EXPECT_EQ(with("program_progress", "learnerHours", large),
              "learnerHours: expected a number from 0 to 1000000000000000, found " + large);
  }
  EXPECT_EQ(with("program_progress", "learnerHours", std::string(100, '1')),
            "learnerHours: expected a number from 0 to 1000000000000000, found " +
                std::string(40, '1') + "...");
  EXPECT_EQ(with("program_progress", "learnerHours", "1e-400"),
            with("program_progress", "learnerHours", "0"));
  EXPECT_EQ(with("program_progress", "learnerHours", "-1"),
            "learnerHours: expected a number from 0 to 1000000000000000, found -1");
  EXPECT_EQ(with("program_progress", "learnerHours", "\"1\""),
            R"(learnerHours: expected a number from 0 to 1000000000000000, found "1")");
  EXPECT_EQ(with("program_progress", "learnerHours", "1e21"),
            "learnerHours: expected a number from 0 to 1000000000000000, found 1e+21");
  const std::string hours = "learnerHours: expected a number from 0 to 1000000000000000, found ";
  EXPECT_FALSE(with("program_progress", "learnerHours", "1000000000000000").starts_with("learner"));
  EXPECT_TRUE(with("program_progress", "learnerHours", "1000000000000000.2").starts_with(hours));
  EXPECT_EQ(with("assessments", "isTimed", "0"), "isTimed: expected true or false, found 0");
}

TEST(RecordReader, TimesDurationsAddressesAndValuesAreChecked) {
  EXPECT_EQ(with("contracts", "startsAt", "\"2025-02-29T00:00:00Z\""),
            "startsAt: expected a time such as 2026-01-31T08:00:00Z, found "
            "\"2025-02-29T00:00:00Z\"");
  EXPECT_EQ(with("contracts", "startsAt", "5"),
            "startsAt: expected a time such as 2026-01-31T08:00:00Z, found 5");
  EXPECT_EQ(with("programs", "duration", "\"30 days\""),
            "duration: expected an ISO 8601 duration such as P30D or PT2H30M, found \"30 days\"");
  EXPECT_EQ(with("programs", "type", "\"NANODEGREE\""),
            "type: expected one of DEGREE, COURSE, PART, found \"NANODEGREE\"");
  EXPECT_EQ(with("programs", "imageUrl", "\"JavaScript:alert(1)\""),
            "imageUrl: expected an http or https address, found \"JavaScript:alert(1)\"");
  EXPECT_EQ(
      with("programs", "imageUrl", "\"" + std::string(70, 'x') + " \""),
      "imageUrl: expected an http or https address, found \"" + std::string(60, 'x') + "\"...");
}

TEST(RecordReader, ListsNameThePlaceOfWhatIsWrong) {
  EXPECT_EQ(with("programs", "skillNames", "\"C\""),
            "skillNames: expected an array of texts, found \"C\"");
  EXPECT_EQ(with("programs", "skillNames", "[\"C\",7]"), "skillNames[1]: expected text, found 7");
  const auto steps = [](const std::string& value) {
    return with("learning_plans", "steps", value);
  };
  EXPECT_EQ(steps("{}"), "steps: expected an array of steps, found an object");
  EXPECT_EQ(steps("[7]"), "steps[0]: expected an object, found 7");
  EXPECT_EQ(steps("[{}]"), "steps[0].stepId is missing");
  EXPECT_EQ(steps(R"([{"id":"a"}])"),
            "steps[0]: unknown field \"id\"; the fields are stepId, stepType, label, isRequired, "
            "resourceKey, steps");
  EXPECT_EQ(steps(R"([{"stepId":"a","stepId":"a"}])"), "steps[0].stepId appears twice");
  EXPECT_EQ(steps(R"([{"stepId":"a","stepType":"X","label":"","isRequired":true}])"),
            "steps[0].stepType: expected one of PROGRAM, ASSESSMENT, SURVEY, APPLICATION, GROUP, "
            "found \"X\"");
  EXPECT_EQ(
      steps(R"([{"stepId":"a","stepType":"SURVEY","label":"","isRequired":true,"steps":[]}])"),
      "steps[0].steps: only a GROUP has steps");
  EXPECT_EQ(
      steps(R"([{"stepId":"a","stepType":"GROUP","label":"","isRequired":true,"steps":[7]}])"),
      "steps[0].steps[0]: expected an object, found 7");
  EXPECT_EQ(steps(R"([{"stepId":"a","stepType":"GROUP","label":"","isRequired":true}])").substr(80),
            R"([{"stepId":"a","stepType":"GROUP","label":"","isRequired":true,"resourceKey":null,)"
            R"("steps":[]}],"contractId":"a1"})");
}

TEST(RecordReader, TranslationsAreCanonicalAndChecked) {
  const std::string start =
      R"({"key":"k","version":1,"locale":"en-us","type":"PART","title":"t","summary":"s",)"
      R"("syllabusUrl":"","imageUrl":"","redirectUrl":"","duration":"P1D",)"
      R"("modifiedDate":"2025-01-01T00:00:00Z","skillNames":[],"translations":)";
  EXPECT_EQ(read("programs", start + R"([{"patch":1,"language":"de"}]})"),
            start + R"([{"language":"de","title":null,"summary":null,"version":null,"major":null,)"
                    R"("minor":null,"patch":1}]})");
  EXPECT_EQ(read("programs", start + R"([{"language":"de","major":"1"}]})"),
            "translations[0].major: expected a whole number from 0 to 2147483647, found \"1\"");
  EXPECT_EQ(read("programs", start + R"([{"title":"de"}]})"),
            "translations[0].language is missing");
}

}  // namespace
}  // namespace matricula::exchange
