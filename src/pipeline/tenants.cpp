#include "pipeline/tenants.h"

#include <string>

#include "gate/named_company.h"
#include "ratelimit/identity.h"

namespace matricula::pipeline {
namespace {

// Callers in the cache; past it the cache is cleared.
constexpr std::size_t kTenantsMax = 65'536;

}  // namespace

TenantKey tenant_of(const auth::Principal& principal, const http::Request& request) {
  if (principal.kind == auth::PrincipalKind::kAnonymous) {
    return tenant_of_address(request.remote_address);
  }
  const std::string_view company = auth::counted_company(principal, gate::company_header(request));
  return company.empty() ? ratelimit::short_hash(principal.identity)
                         : ratelimit::short_hash(
                               ratelimit::identity_of(ratelimit::IdentityKind::kCompany, company));
}

TenantKey tenant_of_address(std::string_view address) {
  return ratelimit::short_hash(ratelimit::address_identity(address));
}

JobKind kind_of(const Endpoint& endpoint) {
  return endpoint.definition.audience == domains::Audience::kUser ? JobKind::kShort
                                                                  : JobKind::kLong;
}

std::optional<TenantCache::Key> TenantCache::key_of(const http::Request& request) const {
  const auto authorization = request.header("Authorization");
  if (!authorization) {
    return std::nullopt;
  }
  // A field's value holds no line feed.
  std::string text(*authorization);
  text += '\n';
  text += gate::company_header(request).value_or("");
  const auth::KeyedHash::Tag tag = hash_(text);
  Key key = 0;
  std::memcpy(&key, tag.data(), sizeof(key));
  return key;
}

std::optional<TenantKey> TenantCache::find(const http::Request& request) const {
  const auto key = key_of(request);
  if (!key) {
    return std::nullopt;
  }
  const std::lock_guard lock(mutex_);
  const auto found = tenants_.find(*key);
  return found == tenants_.end() ? std::nullopt : std::optional(found->second);
}

void TenantCache::insert(const http::Request& request, TenantKey tenant) {
  const auto key = key_of(request);
  if (!key) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (tenants_.size() >= kTenantsMax) {
    tenants_.clear();
  }
  tenants_[*key] = tenant;
}

void TenantCache::erase(const http::Request& request) {
  const auto key = key_of(request);
  if (!key) {
    return;
  }
  const std::lock_guard lock(mutex_);
  tenants_.erase(*key);
}

}  // namespace matricula::pipeline
