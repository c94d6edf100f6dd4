#include "http/compress.h"

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <zstd.h>

namespace matricula::http {
namespace {

std::string sample() {
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += R"({"title":"Course )" + std::to_string(i) + "\"},";
  }
  return text;
}

TEST(Compressor, GzipReadsBack) {
  Compressor compressor;
  std::string out;
  ASSERT_TRUE(compressor.compress(ContentCoding::kGzip, sample(), out));
  EXPECT_LT(out.size(), sample().size() / 2);
  std::string back(sample().size(), ' ');
  libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  EXPECT_EQ(libdeflate_gzip_decompress(decompressor, out.data(), out.size(), back.data(),
                                       back.size(), nullptr),
            LIBDEFLATE_SUCCESS);
  libdeflate_free_decompressor(decompressor);
  EXPECT_EQ(back, sample());
}

TEST(Compressor, ZstdReadsBackAndAContextIsUsedAgain) {
  Compressor compressor;
  std::string out;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(compressor.compress(ContentCoding::kZstd, sample(), out));
    std::string back(sample().size(), ' ');
    EXPECT_EQ(ZSTD_decompress(back.data(), back.size(), out.data(), out.size()), sample().size());
    EXPECT_EQ(back, sample());
  }
}

TEST(Compressor, WhatDoesNotShrinkIsLeftAsItIs) {
  Compressor compressor;
  std::string out;
  for (const ContentCoding coding :
       {ContentCoding::kIdentity, ContentCoding::kGzip, ContentCoding::kZstd}) {
    EXPECT_FALSE(compressor.compress(coding, "q8", out));
    EXPECT_FALSE(compressor.compress(coding, "", out));
  }
}

}  // namespace
}  // namespace matricula::http
