#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::auth {

// Whether the text is an http or https URL rather than the path of a file.
bool is_url(std::string_view text);

// What an http(s) URL answers, within 10 seconds and at most `bytes_max`; no redirect is followed,
// and the certificate of https is checked. kIo with the reason; within a second or so once
// `is_given_up` is set.
Result<std::string> fetch(const std::string& url, std::size_t bytes_max,
                          const std::atomic<bool>& is_given_up);

}  // namespace matricula::auth
