#include "server/routes.h"

#include <gmock/gmock.h>

#include "domains/domains.h"

namespace matricula::server {
namespace {

TEST(Routes, APathHasTheHandlerOfItsFirstRoute) {
  EXPECT_EQ(route_of(domains::endpoint_path("catalog")).handler, Handler::kEndpoint);
  EXPECT_EQ(route_of("/auth/login").handler, Handler::kAuth);
  EXPECT_EQ(route_of("/auth/login/").handler, Handler::kAuth);
  EXPECT_EQ(route_of("/portal/api/companies").handler, Handler::kPortal);
  EXPECT_EQ(route_of("/data/v1").handler, Handler::kData);
  EXPECT_EQ(route_of("/data/v1/anything").handler, Handler::kData);
  EXPECT_EQ(route_of("/readyz").handler, Handler::kOperator);
  for (const std::string_view path : {"/", "/docs/paging", "/favicon.ico", "/auth", "/data/v2"}) {
    EXPECT_EQ(route_of(path).handler, Handler::kPages) << path;
  }
}

TEST(Routes, ScriptsOfOtherOriginsAreForTheApiAlone) {
  for (const std::string_view path :
       {"/api/public/api/v1/catalog/graphql", "/auth/refresh", "/data/v1/changes"}) {
    EXPECT_TRUE(route_of(path).is_cross_origin) << path;
  }
  for (const std::string_view path : {"/", "/portal/api/companies", "/metrics", "/playground"}) {
    EXPECT_FALSE(route_of(path).is_cross_origin) << path;
  }
}

TEST(Routes, TheLogNamesWhatHoldsNoTextOfAClient) {
  EXPECT_THAT(logged_paths(),
              testing::IsSupersetOf({domains::endpoint_path("tokens"), std::string("/auth/login"),
                                     std::string("/data/v1/tables/")}));
  EXPECT_THAT(logged_paths(), testing::Not(testing::Contains("/data/v1/")));
  EXPECT_THAT(operator_paths(), testing::ElementsAre("/healthz", "/readyz", "/metrics"));
}

}  // namespace
}  // namespace matricula::server
