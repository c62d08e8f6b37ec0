package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.mirror4j.name.HuggingFaceName;

/** Requests: who asks, refusals, redirections. */
class HubConnectionTest extends HubServerTest {
  @Test
  void theTokenStaysWithTheEndpoint() throws IOException {
    server.token = "hf_secret";
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("set HF_TOKEN to a token that opens it");
    assertThatThrownBy(() -> fetch(NAME, Optional.of("hf_wrong")))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("the token does not open it")
        .hasMessageNotContaining("hf_wrong");
    server.requests.clear();
    requireWhole(fetch(NAME, Optional.of("hf_secret")));
    assertThat(server.requests).extracting(HubServer.Request::host).contains("hub", "other");
    assertThat(server.requests)
        .allSatisfy(
            request ->
                assertThat(request.authorization())
                    .isEqualTo(request.host().equals("hub") ? "Bearer hf_secret" : null));
    HubEndpoint endpoint =
        new HubEndpoint(URI.create("https://a.example"), Optional.of("hf_secret"));
    for (String address :
        List.of(
            "http://a.example/x",
            "https://a.example:444/x",
            "https://b.a.example/x",
            "https://a.example.b/x",
            "https://a.example@b.example/x")) {
      assertThat(endpoint.authorization(URI.create(address))).as(address).isEmpty();
    }
    assertThat(endpoint.authorization(URI.create("https://A.example:443/x"))).isPresent();
    assertThat(endpoint.toString()).doesNotContain("hf_secret");
  }

  @Test
  void whatIsNotThereIsSaid() {
    server.fault(
        "GET " + HubServer.listing("main"),
        exchange -> {
          exchange.getResponseHeaders().set("X-Error-Message", "Repository not found");
          return HubServer.status(exchange, 404);
        },
        exchange -> HubServer.status(exchange, 403));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageStartingWith("some-org/tiny.model-1: not there at http://127.0.0.1:")
        .hasMessageEndingWith(": Repository not found");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("its terms may have to be accepted");
    assertThat(cache.folder(HubServer.NAME)).doesNotExist();
  }

  @Test
  void aBusyServerIsAskedAgainAndNotForEver() throws IOException {
    server.fault(
        "GET " + HubServer.listing("main"),
        exchange -> HubServer.status(exchange, 503),
        exchange -> HubServer.status(exchange, 500));
    server.fault("HEAD " + HubServer.content(WEIGHTS), exchange -> HubServer.status(exchange, 429));
    server.fault("GET /" + WEIGHTS, exchange -> HubServer.status(exchange, 502));
    requireWhole(fetch());
    assertThat(notices).hasSize(4).allMatch(notice -> notice.contains("trying again"));
    HubServer.Fault busy = exchange -> HubServer.status(exchange, 503);
    server.fault("GET " + HubServer.listing("main"), busy, busy, busy);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("the server answers 503");
  }

  @Test
  void redirectionsEnd() {
    HubServer.Fault round =
        exchange -> {
          exchange.getResponseHeaders().set("Location", HubServer.listing("main"));
          return HubServer.status(exchange, 307);
        };
    server.fault(
        "GET " + HubServer.listing("main"),
        round,
        round,
        round,
        round,
        round,
        round,
        round,
        round,
        round,
        round);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("redirected more than 8 times");
    server.fault(
        "GET " + HubServer.listing("main"),
        exchange -> {
          exchange.getResponseHeaders().set("Location", "file:///etc/passwd");
          return HubServer.status(exchange, 302);
        });
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("'file:///etc/passwd', expected an address of https");
  }

  /** A model that was renamed: its endpoint sends to another path of its own. */
  @Test
  void aRenamedModelIsFound() throws IOException {
    server.fault(
        "GET /api/models/old/name/revision/main",
        exchange -> {
          exchange.getResponseHeaders().set("Location", HubServer.listing("main"));
          return HubServer.status(exchange, 307);
        });
    for (String file : List.of("config.json", "vocab.txt", WEIGHTS)) {
      HubServer.Fault moved =
          exchange -> {
            exchange.getResponseHeaders().set("Location", HubServer.content(file));
            return HubServer.status(exchange, 307);
          };
      String old = HubServer.content(file).replace(HubServer.NAME, "old/name");
      server.fault("HEAD " + old, moved);
      server.fault("GET " + old, moved);
    }
    HuggingFaceName name = HuggingFaceName.parse("old/name").orElseThrow();
    Path snapshot = fetch(name, Optional.empty());
    assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(server.files.get(WEIGHTS));
    assertThat(cache.find(name)).contains(snapshot);
  }

  @Test
  void aListThatStopsIsAskedForAgain() throws IOException {
    silence = Duration.ofMillis(500);
    CountDownLatch over = new CountDownLatch(1);
    server.fault("GET " + HubServer.listing("main"), HubServer.stalls(new byte[100], 1, over));
    try {
      requireWhole(fetch());
    } finally {
      over.countDown();
    }
    assertThat(notices).singleElement().asString().contains("trying again");
  }
}
