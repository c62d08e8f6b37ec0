package org.mirror4j.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What a client has to bring: {@code Authorization: Bearer TOKEN}. */
final class BearerToken {
  private static final String SCHEME = "Bearer ";

  private final byte[] expected;

  BearerToken(String token) {
    expected = bytes(token);
  }

  /**
   * Requires the token. How long comparing takes does not tell how much of it was right.
   *
   * @param authorization the header; null where there is none
   * @throws Refusal without it
   */
  void require(String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new Refusal(
          Refusal.Kind.UNAUTHORIZED, "no token, expected the header Authorization: Bearer TOKEN");
    }
    if (!MessageDigest.isEqual(expected, bytes(authorization.substring(SCHEME.length()).strip()))) {
      throw new Refusal(Refusal.Kind.UNAUTHORIZED, "the token is not the one of this server");
    }
  }

  private static byte[] bytes(String token) {
    return token.getBytes(StandardCharsets.UTF_8);
  }
}
