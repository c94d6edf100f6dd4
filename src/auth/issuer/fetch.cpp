#include "auth/issuer/fetch.h"

#include <array>
#include <curl/curl.h>
#include <memory>

namespace matricula::auth {
namespace {

constexpr long kTimeoutSeconds = 10;

struct Body {
  std::string text = {};
  std::size_t bytes_max;
};

// What libcurl calls for each piece; another count than was given ends the transfer.
std::size_t take(const char* data, std::size_t, std::size_t count, void* target) {
  Body& body = *static_cast<Body*>(target);
  if (count > body.bytes_max - body.text.size()) {
    return 0;
  }
  body.text.append(data, count);
  return count;
}

// What libcurl calls about once a second, while it connects too; another value than 0 ends the
// transfer.
int is_set(void* flag, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(flag)->load(std::memory_order_relaxed) ? 1 : 0;
}

// libcurl must be set up once in a process, before its first use.
bool is_ready() {
  static const bool kReady = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return kReady;
}

}  // namespace

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

Result<std::string> fetch(const std::string& url, std::size_t bytes_max,
                          const std::atomic<bool>& is_given_up) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(
      is_ready() ? curl_easy_init() : nullptr, &curl_easy_cleanup);
  if (handle == nullptr) {
    return fail(ErrorCode::kIo, url + " cannot be fetched: libcurl does not start.");
  }
  CURL* curl = handle.get();
  Body body{.bytes_max = bytes_max};
  std::array<char, CURL_ERROR_SIZE> reason = {};
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, kTimeoutSeconds);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "matricula");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &is_set);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &is_given_up);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason.data());
  const CURLcode code = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK) {
    const std::string_view text = reason[0] != '\0' ? reason.data() : curl_easy_strerror(code);
    return fail(ErrorCode::kIo, url + " cannot be fetched: " + std::string(text) + ".");
  }
  if (status != 200) {
    return fail(ErrorCode::kIo, url + " answered with status " + std::to_string(status) + ".");
  }
  return std::move(body.text);
}

}  // namespace matricula::auth
