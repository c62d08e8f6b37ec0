package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileHashTest {
  private static final int PIECE = 8 << 20;

  @TempDir Path folder;

  /** Around one piece, and more than one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 300_000})
  void itIsTheDigestOfTheDigestsOfPieces(int bytes) throws Exception {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    Path file = Files.write(folder.resolve("file"), content);
    MessageDigest whole = MessageDigest.getInstance("SHA-256");
    for (int from = 0; from < bytes; from += PIECE) {
      MessageDigest piece = MessageDigest.getInstance("SHA-256");
      whole.update(piece.digest(Arrays.copyOfRange(content, from, Math.min(from + PIECE, bytes))));
    }
    assertThat(FileHash.of(file)).isEqualTo(HexFormat.of().formatHex(whole.digest()));
  }

  /** For files that are not too large for it the digest by which runs of before were begun. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, PIECE + 1})
  void wholeFilesHaveTheDigestOfTheirs(int bytes) throws Exception {
    byte[] content = new byte[bytes];
    new Random(7).nextBytes(content);
    List<Path> files =
        List.of(
            Files.write(folder.resolve("first"), content),
            Files.writeString(folder.resolve("second"), "x"));
    MessageDigest whole = MessageDigest.getInstance("SHA-256");
    for (Path file : files) {
      whole.update(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
    assertThat(FileHash.whole(files))
        .isEqualTo(HexFormat.of().formatHex(whole.digest()))
        .isEqualTo(FileHash.sampled(files));
  }

  @Test
  void whatCannotBeReadIsSaid() throws IOException {
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> FileHash.of(absent))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(absent + ": cannot be read");
  }
}
