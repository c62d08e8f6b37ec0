package org.mirror4j.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mirror4j.file.FileException;

/**
 * Requests to an endpoint, one at a time. Redirections are followed here, by hand: the token stays
 * with the endpoint, and what was asked for over HTTPS is taken over HTTPS.
 */
final class HubConnection implements AutoCloseable {
  private static final int MOST_REDIRECTIONS = 8;
  private static final Set<Integer> REDIRECTIONS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> BUSY = Set.of(408, 429, 500, 502, 503, 504);

  private final HubEndpoint endpoint;
  private final Patience patience;
  private final HttpClient client;

  /**
   * What the endpoint says of a file.
   *
   * @param digest SHA-256 of the content, or the hash of Git's blob: how the cache names it
   * @param bytes of the content
   */
  record FileFacts(String digest, long bytes) {}

  HubConnection(HubEndpoint endpoint, Patience patience) {
    this.endpoint = endpoint;
    this.patience = patience;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience.silence())
            .build();
  }

  HubEndpoint endpoint() {
    return endpoint;
  }

  Patience patience() {
    return patience;
  }

  /**
   * Asks for content; the caller closes it.
   *
   * @param what it is, for messages
   * @param headers by name
   * @return an answer with status 200, 206 or 416
   * @throws FetchException if it is refused for good
   * @throws IOException if it may work at another time
   */
  HttpResponse<InputStream> get(String what, URI address, Map<String, String> headers)
      throws IOException, InterruptedException {
    URI at = address;
    for (int i = 0; i <= MOST_REDIRECTIONS; i++) {
      HttpResponse<InputStream> answer = send("GET", at, headers);
      if (!REDIRECTIONS.contains(answer.statusCode())) {
        require(what, answer, 200, 206, 416);
        return answer;
      }
      answer.body().close();
      at = target(what, answer);
    }
    throw new FetchException(what + ": redirected more than " + MOST_REDIRECTIONS + " times");
  }

  /**
   * What the endpoint says of a file, without the file. What it says itself counts, not what a host
   * says that it sends us to.
   *
   * @param commit that the file has to be of
   * @throws FetchException if it is refused for good, or says no digest or size
   * @throws IOException if it may work at another time
   */
  FileFacts facts(String what, URI address, String commit)
      throws IOException, InterruptedException {
    URI at = address;
    for (int i = 0; i <= MOST_REDIRECTIONS; i++) {
      HttpResponse<InputStream> answer = send("HEAD", at, Map.of());
      answer.body().close();
      boolean redirected = REDIRECTIONS.contains(answer.statusCode());
      if (redirected && !hasDigest(answer) && endpoint.owns(target(what, answer))) {
        at = target(what, answer);
        continue;
      }
      if (!redirected) {
        require(what, answer, 200);
      }
      return facts(what, answer, commit);
    }
    throw new FetchException(what + ": redirected more than " + MOST_REDIRECTIONS + " times");
  }

  private static boolean hasDigest(HttpResponse<?> answer) {
    return header(answer, "X-Linked-Etag").isPresent();
  }

  private static FileFacts facts(String what, HttpResponse<?> answer, String commit) {
    String found = header(answer, "X-Repo-Commit").orElse(commit);
    if (!found.equals(commit)) {
      throw new FetchException(
          "%s: is of commit %s, expected %s".formatted(what, FileException.quote(found), commit));
    }
    String tag = header(answer, "X-Linked-Etag").or(() -> header(answer, "ETag")).orElse("");
    String digest = tag.replaceFirst("^W/", "").replace("\"", "");
    if (!ContentDigest.isDigest(digest)) {
      throw new FetchException(
          "%s: its ETag is %s, expected the 40 or 64 digits of a hash"
              .formatted(what, FileException.quote(tag)));
    }
    String size =
        header(answer, "X-Linked-Size").or(() -> header(answer, "Content-Length")).orElse("");
    if (!size.matches("\\d{1,15}")) {
      throw new FetchException(
          "%s: its size is %s, expected a number".formatted(what, FileException.quote(size)));
    }
    return new FileFacts(digest, Long.parseLong(size));
  }

  private HttpResponse<InputStream> send(String method, URI address, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .method(method, BodyPublishers.noBody())
            .timeout(patience.silence())
            .header("User-Agent", "mirror4j")
            // A digest is of the content as it is.
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    endpoint.authorization(address).ifPresent(value -> request.header("Authorization", value));
    return client.send(request.build(), BodyHandlers.ofInputStream());
  }

  private URI target(String what, HttpResponse<?> answer) {
    String location = header(answer, "Location").orElse("");
    try {
      URI target = answer.uri().resolve(location);
      boolean secure = "https".equalsIgnoreCase(target.getScheme());
      boolean wasSecure = "https".equalsIgnoreCase(answer.uri().getScheme());
      if (target.getHost() != null
          && (secure || !wasSecure && "http".equalsIgnoreCase(target.getScheme()))) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      throw new FetchException(
          what + ": redirected to " + FileException.quote(location) + ", which is no address", e);
    }
    throw new FetchException(
        "%s: redirected to %s, expected an address of https"
            .formatted(what, FileException.quote(location)));
  }

  private void require(String what, HttpResponse<InputStream> answer, Integer... expected)
      throws IOException {
    int status = answer.statusCode();
    if (List.of(expected).contains(status)) {
      return;
    }
    answer.body().close();
    if (BUSY.contains(status)) {
      throw new Patience.BusyException("the server answers " + status, pause(answer));
    }
    String said =
        header(answer, "X-Error-Message")
            .map(message -> ": " + FileException.clean(message))
            .orElse("");
    String code = header(answer, "X-Error-Code").orElse("");
    if (!endpoint.owns(answer.uri())) {
      throw new FetchException(
          "%s: %s answers %d".formatted(what, answer.uri().getHost(), status) + said);
    }
    throw new FetchException(
        switch (status) {
          case 401 ->
              "%s: not there at %s, or not for everyone: %s%s"
                  .formatted(
                      what,
                      endpoint,
                      endpoint.token().isPresent()
                          ? "the token does not open it"
                          : "set HF_TOKEN to a token that opens it",
                      said);
          case 403 ->
              "%s: not for this user at %s: its terms may have to be accepted there%s"
                  .formatted(what, endpoint, said);
          case 404 ->
              "%s: not there at %s%s%s"
                  .formatted(
                      what,
                      endpoint,
                      code.equals("RevisionNotFound") ? ": no such revision" : "",
                      said);
          default -> "%s: %s answers %d%s".formatted(what, endpoint, status, said);
        });
  }

  private static Duration pause(HttpResponse<?> answer) {
    String asked = header(answer, "Retry-After").orElse("");
    return asked.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(asked)) : Duration.ZERO;
  }

  static Optional<String> header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name);
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
