package org.mirror4j.fetch;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.mirror4j.file.FileException;
import org.mirror4j.name.HuggingFaceCache;

/**
 * Where models are downloaded from, {@code HF_ENDPOINT}, and who asks: the token of {@code
 * HF_TOKEN}, else of the file {@code HF_TOKEN_PATH}, else of {@code token} in {@code HF_HOME}.
 *
 * @param root without a slash at its end
 * @param token sent to this endpoint alone, never where it sends us to
 */
record HubEndpoint(URI root, Optional<String> token) {
  private static final String VARIABLE = "HF_ENDPOINT";
  private static final String DEFAULT = "https://huggingface.co";
  private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,500}");
  private static final List<String> YES = List.of("1", "true", "yes", "on");

  /**
   * The one of a user.
   *
   * @param environment variables
   * @param home of the user
   * @throws FetchException if the user wants to stay offline, or a setting is none
   */
  static HubEndpoint of(Map<String, String> environment, Path home) {
    for (String variable : List.of("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")) {
      String offline = environment.getOrDefault(variable, "");
      if (YES.contains(offline.toLowerCase(Locale.ROOT))) {
        throw new FetchException(variable + " is " + offline + ": nothing is downloaded");
      }
    }
    String set = environment.getOrDefault(VARIABLE, "");
    return new HubEndpoint(root(set.isEmpty() ? DEFAULT : set), token(environment, home));
  }

  private static URI root(String text) {
    try {
      URI root = new URI(text.replaceFirst("/+$", ""));
      boolean web = "https".equals(root.getScheme()) || "http".equals(root.getScheme());
      if (root.getRawUserInfo() != null) {
        throw new FetchException(
            VARIABLE + " names a user, expected https://HOST; a token is set with HF_TOKEN");
      }
      boolean bare = root.getRawQuery() == null && root.getRawFragment() == null;
      if (web && bare && root.getHost() != null) {
        return root;
      }
    } catch (URISyntaxException e) {
      throw new FetchException(VARIABLE + " is no address: " + e.getReason(), e);
    }
    throw new FetchException(
        "%s is %s, expected https://HOST".formatted(VARIABLE, FileException.quote(text)));
  }

  private static Optional<String> token(Map<String, String> environment, Path home) {
    for (String variable : List.of("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")) {
      String token = environment.getOrDefault(variable, "").strip();
      if (!token.isEmpty()) {
        return Optional.of(valid(token, variable));
      }
    }
    Path file = HuggingFaceCache.tokenOf(environment, home);
    try {
      String token = Files.isRegularFile(file) ? Files.readString(file).strip() : "";
      return token.isEmpty() ? Optional.empty() : Optional.of(valid(token, file.toString()));
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /** A message must not show it. */
  private static String valid(String token, String where) {
    if (!TOKEN.matcher(token).matches()) {
      throw new FetchException(where + ": is no token, expected letters and digits in one line");
    }
    return token;
  }

  /** An address below the root. */
  URI at(String path) {
    return URI.create(root + path);
  }

  /** A path with what is not allowed in an address escaped, segment by segment. */
  static String escaped(String path) {
    return Arrays.stream(path.split("/", -1))
        .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  /** Whether an address is of this endpoint: same scheme, host and port. */
  boolean owns(URI address) {
    return root.getScheme().equalsIgnoreCase(address.getScheme())
        && root.getHost().equalsIgnoreCase(address.getHost())
        && port(root) == port(address);
  }

  /** What is sent to an address to say who asks: empty but for this endpoint itself. */
  Optional<String> authorization(URI address) {
    return owns(address) ? token.map("Bearer "::concat) : Optional.empty();
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return "http".equalsIgnoreCase(address.getScheme()) ? 80 : 443;
  }

  /** Without the token. */
  @Override
  public String toString() {
    return root.toString();
  }
}
