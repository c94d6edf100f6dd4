#include "dataapi/file_request.h"

#include <gtest/gtest.h>
#include <set>

namespace matricula::dataapi {
namespace {

Result<FileRequest> request(std::string_view file, std::string_view query = {}) {
  MATRICULA_TRY(const http::Parameters parameters,
                http::Parameters::read(query, file_parameters()));
  return read_file_request(file, parameters);
}

std::string error_of(std::string_view file, std::string_view query = {}) {
  const auto read = request(file, query);
  return read ? "none" : std::string(error_name(read.error().code)) + " " + read.error().message;
}

TEST(FileRequest, APathNamesTableAndFormat) {
  const FileRequest wanted = request("program_progress.parquet").value();
  EXPECT_EQ(wanted.entity, records::EntityId::kProgramProgress);
  EXPECT_EQ(wanted.format, tables::Format::kParquet);
  EXPECT_EQ(error_of("people.csv"),
            "NOT_FOUND There is no table \"people\"; there are companies, contracts, users, "
            "programs, contract_programs, assessments, contract_assessments, learning_plans, "
            "program_progress, assessment_progress, learning_plan_progress.");
  EXPECT_EQ(error_of("users.xlsx"),
            "NOT_FOUND \"users.xlsx\" does not end in a format that there is: ndjson, csv, "
            "parquet, as in users.ndjson.");
  EXPECT_EQ(error_of("users"),
            "NOT_FOUND \"users\" does not end in a format that there is: ndjson, csv, parquet, as "
            "in users.ndjson.");
}

TEST(FileRequest, WhatDoesNotFitTheFileIsRefused) {
  EXPECT_EQ(error_of("users.csv", "flat=1"),
            "BAD_USER_INPUT flat is for program_progress, assessment_progress and "
            "learning_plan_progress.");
  EXPECT_EQ(error_of("users.ndjson", "excel=1"), "BAD_USER_INPUT excel is for CSV; ask for .csv.");
  EXPECT_EQ(error_of("users.csv", "compression=br"),
            "BAD_USER_INPUT compression must be none, gzip or zstd; \"br\" was given.");
  EXPECT_EQ(error_of("users.csv", "columns=id,mail"),
            "BAD_USER_INPUT columns: \"mail\" is not a column of users; its columns are id, email, "
            "firstName, lastName.");
  EXPECT_EQ(error_of("program_progress.csv", "flat=1&columns=userEmail"), "none");
}

TEST(FileRequest, EachChoiceThatChangesBytesChangesTheRecipe) {
  std::set<std::string> recipes;
  std::size_t count = 0;
  for (const std::string_view query :
       {"", "flat=1", "excel=1", "columns=userId", "columns=userId,programKey",
        "columns=programKey,userId", "compression=gzip", "compression=zstd",
        "flat=1&columns=userEmail"}) {
    recipes.insert(recipe(request("program_progress.csv", query).value()));
    ++count;
  }
  EXPECT_EQ(recipes.size(), count);
  const auto of_parquet = [](std::string_view query) {
    return recipe(request("users.parquet", query).value());
  };
  EXPECT_EQ(of_parquet(""), of_parquet("compression=zstd"));
  EXPECT_NE(of_parquet(""), of_parquet("compression=none"));
}

TEST(FileRequest, ACompressedFileIsNamedAndLabelledAsOne) {
  const FileRequest packed = request("users.ndjson", "compression=gzip").value();
  EXPECT_EQ(file_name(packed), "users.ndjson.gz");
  EXPECT_EQ(media_type(packed), "application/gzip");
  EXPECT_FALSE(may_encode_content(packed));
  const FileRequest plain = request("users.csv").value();
  EXPECT_EQ(file_name(plain), "users.csv");
  EXPECT_EQ(media_type(plain), "text/csv; charset=utf-8; header=present");
  EXPECT_TRUE(may_encode_content(plain));
  EXPECT_FALSE(may_encode_content(request("users.csv", "compression=none").value()));
  const FileRequest parquet = request("users.parquet", "compression=gzip").value();
  EXPECT_EQ(file_name(parquet), "users.parquet");
  EXPECT_EQ(media_type(parquet), "application/vnd.apache.parquet");
  EXPECT_FALSE(may_encode_content(parquet));
}

}  // namespace
}  // namespace matricula::dataapi
