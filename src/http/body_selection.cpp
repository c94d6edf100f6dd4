#include "http/body_selection.h"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>
#include <limits>

#include "http/negotiate.h"
#include "http/reply_head.h"

namespace matricula::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_weak(std::string_view tag) {
  return tag.starts_with("W/");
}

enum class Comparison { kStrong, kWeak };

// RFC 9110 section 8.8.3.2.
bool same_tag(std::string_view left, std::string_view right, Comparison comparison) {
  if (comparison == Comparison::kStrong) {
    return !is_weak(left) && left == right;
  }
  left.remove_prefix(is_weak(left) ? 2 : 0);
  right.remove_prefix(is_weak(right) ? 2 : 0);
  return left == right;
}

// Whether a list of entity tags, or "*", names `tag`. A comma may be within the quotes of one.
bool names_tag(std::string_view list, std::string_view tag, Comparison comparison) {
  if (trimmed(list) == "*") {
    return true;
  }
  while (true) {
    const std::size_t open = list.find('"');
    const std::size_t close = open == std::string_view::npos ? open : list.find('"', open + 1);
    if (close == std::string_view::npos) {
      return false;
    }
    const bool weak = open >= 2 && list.substr(open - 2, 2) == "W/";
    const std::size_t begin = weak ? open - 2 : open;
    const std::string_view named = list.substr(begin, close + 1 - begin);
    if (!tag.empty() && same_tag(named, tag, comparison)) {
      return true;
    }
    list.remove_prefix(close + 1);
  }
}

// The tags of the bodies that a 200 may have. Empty: there is no such body, or it has no tag.
struct BodyTags {
  std::string encoded;
  std::string_view plain;

  std::string_view preferred() const { return encoded.empty() ? plain : encoded; }
};

BodyTags tags_of(const Request& request, const Representation& representation) {
  BodyTags tags{.encoded = {}, .plain = representation.etag};
  const ContentCoding coding = representation.encodes
                                   ? best_coding(list_field(request, "Accept-Encoding"))
                                   : ContentCoding::kIdentity;
  if (coding != ContentCoding::kIdentity && !tags.plain.empty()) {
    tags.encoded = encoded_tag(tags.plain, coding_name(coding));
  }
  return tags;
}

// Whether any field of that name names `tag`: a list may be spread over several.
bool fields_name_tag(const Request& request, std::string_view name, std::string_view tag,
                     Comparison comparison) {
  return std::ranges::any_of(request.headers, [&](const Header& header) {
    return same_name(header.name, name) && names_tag(header.value, tag, comparison);
  });
}

// The first of the tags that fields of that name name; nullopt where they name none.
std::optional<std::string_view> named_tag(const Request& request, std::string_view name,
                                          const BodyTags& tags, Comparison comparison) {
  for (const std::string_view tag : {tags.preferred(), tags.plain}) {
    if (fields_name_tag(request, name, tag, comparison)) {
      return tag;
    }
  }
  return std::nullopt;
}

std::optional<Timestamp> date_field(const Request& request, std::string_view name) {
  const auto value = request.header(name);
  return value && request.header_count(name) == 1 ? parse_http_date(*value) : std::nullopt;
}

std::optional<Timestamp> whole_seconds(std::optional<Timestamp> time) {
  return time ? std::optional(*time -
                              (*time % kMicrosPerSecond + kMicrosPerSecond) % kMicrosPerSecond)
              : std::nullopt;
}

// The date that a body is said to be from, in whole seconds. While that second lasts the body may
// change once more, and both would have one date: the second before is given then, so that a client
// with that date asks again later.
std::optional<Timestamp> shown_date(const Representation& representation) {
  const auto modified = whole_seconds(representation.last_modified);
  const auto now = whole_seconds(representation.now);
  if (!modified || !now || *modified < *now) {
    return modified;
  }
  return *modified == *now ? std::optional(*modified - kMicrosPerSecond) : std::nullopt;
}

// The answer to a request whose conditions do not hold.
struct FailedCondition {
  int status;
  std::string_view tag;  // of the body that the client has
};

std::optional<FailedCondition> failed_condition(const Request& request,
                                                const Representation& representation,
                                                const BodyTags& tags,
                                                std::optional<Timestamp> modified) {
  const bool is_read = request.method == Method::kGet || request.method == Method::kHead;
  if (request.header("If-Match")) {
    if (!named_tag(request, "If-Match", tags, Comparison::kStrong)) {
      return FailedCondition{412, tags.plain};
    }
  } else if (const auto since = date_field(request, "If-Unmodified-Since");
             since && modified && *modified > *since) {
    return FailedCondition{412, tags.plain};
  }
  if (request.header("If-None-Match")) {
    if (const auto named = named_tag(request, "If-None-Match", tags, Comparison::kWeak)) {
      return FailedCondition{is_read ? 304 : 412, *named};
    }
  } else if (const auto since = date_field(request, "If-Modified-Since");
             is_read && since && modified && *modified <= *since &&
             *since <= representation.now.value_or(*since)) {
    return FailedCondition{304, tags.preferred()};
  }
  return std::nullopt;
}

bool range_may_apply(const Request& request, std::string_view etag,
                     std::optional<Timestamp> modified) {
  if (request.method != Method::kGet || request.header_count("Range") != 1) {
    return false;
  }
  if (request.header("If-Match") &&
      !fields_name_tag(request, "If-Match", etag, Comparison::kStrong)) {
    return false;  // it names the compressed body
  }
  const auto condition = request.header("If-Range");
  if (!condition) {
    return true;
  }
  if (condition->find('"') != std::string_view::npos) {
    return same_tag(trimmed(*condition), etag, Comparison::kStrong);
  }
  // A date that was given within its second is never equal.
  const auto date = parse_http_date(*condition);
  return date && modified && *date == *modified;
}

// Digits alone; a number beyond what fits is as large as can be.
std::optional<std::uint64_t> read_position(std::string_view text) {
  if (text.empty()) {
    return std::nullopt;
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    number = number > (kMax - digit) / 10 ? kMax : number * 10 + digit;
  }
  return number;
}

enum class RangeVerdict { kIgnored, kSatisfiable, kUnsatisfiable };

struct ByteRange {
  RangeVerdict verdict = RangeVerdict::kIgnored;
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

// RFC 9110 section 14.1.2.
ByteRange read_range(std::string_view value, std::uint64_t length) {
  constexpr std::string_view kUnit = "bytes=";
  value = trimmed(value);
  if (value.size() < kUnit.size() || !same_name(value.substr(0, kUnit.size()), kUnit) ||
      value.find(',') != std::string_view::npos) {
    return {};
  }
  value = trimmed(value.substr(kUnit.size()));
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) {
    return {};
  }
  const auto last = read_position(value.substr(dash + 1));
  if (dash == 0) {
    if (!last || (length == 0 && *last != 0)) {
      return {};
    }
    const std::uint64_t count = std::min(*last, length);
    return {.verdict = count == 0 ? RangeVerdict::kUnsatisfiable : RangeVerdict::kSatisfiable,
            .first = length - count,
            .length = count};
  }
  const auto first = read_position(value.substr(0, dash));
  const bool open_ended = dash + 1 == value.size();
  if (!first || (!open_ended && (!last || *last < *first))) {
    return {};
  }
  if (*first >= length) {
    return {.verdict = RangeVerdict::kUnsatisfiable};
  }
  const std::uint64_t end = open_ended || *last >= length ? length : *last + 1;
  return {.verdict = RangeVerdict::kSatisfiable, .first = *first, .length = end - *first};
}

}  // namespace

BodySelection select_body(const Request& request, const Representation& representation) {
  BodySelection selection{.length = representation.length};
  const auto modified = shown_date(representation);
  const BodyTags tags = tags_of(request, representation);
  const auto failed = failed_condition(request, representation, tags, modified);
  if (const std::string_view tag = failed ? failed->tag : tags.plain; !tag.empty()) {
    selection.headers.add("ETag", tag);
  }
  if (modified) {
    selection.headers.add("Last-Modified", http_date(*modified));
  }
  if (failed) {
    selection.status = failed->status;
    selection.length = 0;
    return selection;
  }
  selection.headers.add("Accept-Ranges", "bytes");
  if (!range_may_apply(request, representation.etag, whole_seconds(representation.last_modified))) {
    return selection;
  }
  const ByteRange range = read_range(*request.header("Range"), representation.length);
  switch (range.verdict) {
    case RangeVerdict::kIgnored:
      break;
    case RangeVerdict::kUnsatisfiable:
      selection.status = 416;
      selection.length = 0;
      selection.headers.add("Content-Range", fmt::format("bytes */{}", representation.length));
      break;
    case RangeVerdict::kSatisfiable:
      selection.status = 206;
      selection.offset = range.first;
      selection.length = range.length;
      selection.headers.add("Content-Range",
                            fmt::format("bytes {}-{}/{}", range.first,
                                        range.first + range.length - 1, representation.length));
      break;
  }
  return selection;
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  const std::string copy(trimmed(text));
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = ::strptime(copy.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') {
      return Timestamp{::timegm(&parts)} * kMicrosPerSecond;
    }
  }
  return std::nullopt;
}

}  // namespace matricula::http
