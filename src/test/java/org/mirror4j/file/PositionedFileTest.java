package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.SafeTensorsWriter;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

class PositionedFileTest {
  @TempDir Path directory;

  private static void cut(Path file, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }

  @Test
  void readsByPosition() throws IOException {
    Path path = Files.write(directory.resolve("file"), new byte[] {1, 2, 3, 4});
    try (PositionedFile file = PositionedFile.open(path, "a file")) {
      byte[] bytes = new byte[2];
      file.read(1, MemorySegment.ofArray(bytes));
      assertThat(bytes).containsExactly(2, 3);
      assertThat(file.bytes()).isEqualTo(4);
      cut(path, 2);
      assertThatThrownBy(() -> file.read(1, MemorySegment.ofArray(bytes)))
          .isInstanceOf(FileException.class)
          .hasMessage(
              path
                  + ": ends after 2 bytes, but had 4 when it was opened: changed while it was"
                  + " read");
    }
    assertThatThrownBy(() -> PositionedFile.open(directory, "a file"))
        .isInstanceOf(FileException.class)
        .hasMessage(directory + ": no such file, expected a file");
  }

  /** A mapped file would end the virtual machine's work with a fault of the processor. */
  @Test
  void weightsThatAreCutWhileTheyAreRead() throws IOException {
    Path path = directory.resolve("model.safetensors");
    MemorySegment values = MemorySegment.ofArray(new float[100_000]);
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      SafeTensorsWriter.write(
          channel, Map.of(), List.of(new TensorEntry("x", DType.F32, Shape.of(100_000), values)));
    }
    try (SafeTensors tensors = SafeTensors.open(path)) {
      tensors.readFloats("x", values);
      cut(path, 300_000);
      assertThatThrownBy(() -> tensors.readFloats("x", values))
          .isInstanceOf(FileException.class)
          .hasMessageContaining(path + ": ends after 300000 bytes, but had ");
      // A file that is removed stays readable for who has it open.
    }
  }

  @Test
  void anUnreadableFileIsOneLine() {
    Path path = Path.of("some", "file");
    assertThat(FileException.of(path + ": cannot be read", new NoSuchFileException("some/file")))
        .hasMessage("some/file: cannot be read: no such file or directory");
    assertThat(FileException.of(path + ": cannot be read", new IOException("Input/output\nerror")))
        .hasMessage("some/file: cannot be read: Input/output?error");
  }
}
