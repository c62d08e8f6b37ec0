package org.mirror4j.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;

/** Digests by which publishers know the content of a file; all lower-case hexadecimal. */
final class ContentDigest {
  private static final Pattern KNOWN = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
  private static final int SHA256_DIGITS = 64;

  private ContentDigest() {}

  /** Whether a text is a digest of either kind. */
  static boolean isDigest(String text) {
    return KNOWN.matcher(text).matches();
  }

  /**
   * The digest of a file, of the kind that another one is: of 64 digits SHA-256, of 40 that of a
   * blob of Git, {@code SHA-1("blob " length NUL content)}.
   */
  static String like(String other, Path file) {
    return other.length() == SHA256_DIGITS
        ? of(file, FileHash.sha256(), "")
        : of(file, sha1(), "blob " + size(file) + "\0");
  }

  /** SHA-256 of a file. */
  static String sha256(Path file) {
    return of(file, FileHash.sha256(), "");
  }

  private static String of(Path file, MessageDigest digest, String prefix) {
    digest.update(prefix.getBytes(StandardCharsets.US_ASCII));
    try (InputStream in = Files.newInputStream(file)) {
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be read", e);
    }
  }

  /** What Git names its objects by: tells what is meant, protects against nothing. */
  private static MessageDigest sha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
