package org.mirror4j.bench.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.cuda.Forwarder;
import org.mirror4j.device.cuda.LibrarySearch;
import org.mirror4j.device.cuda.NativeFunctions;
import org.mirror4j.device.cuda.StandIn;

/** JCudnn on a cuDNN 9. Refusals come first: what is loaded stays. */
@Tag("stand-in")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CudnnForwardingTest {
  @TempDir static Path machine;

  private static Path library;

  @TempDir Path other;

  @BeforeAll
  static void install() throws IOException {
    assumeTrue(
        NativeFunctions.open("libcudnn.so.9").isEmpty(), "libcudnn.so.9 is on the loader path");
    StandIn.library("target/native/libcuda.so.1");
    library = StandInCudnn.install(machine);
  }

  private static void assertUnavailable(Path root, String message, Object... values) {
    assertThatThrownBy(() -> CudnnLibrary.load(new LibrarySearch(root, Map.of())))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessage(message, values);
  }

  @Test
  @Order(0)
  void aMachineWithoutAny() {
    assertUnavailable(
        other,
        "no cuDNN: no libcudnn.so.9 that loads with its parts, on the loader path or in 0 folders"
            + " of CUDA, pip and conda");
  }

  @Test
  @Order(1)
  void oneOfAnotherVersionAndOneWithoutItsParts() throws IOException {
    Path later = Files.createDirectories(other.resolve("usr/local/cuda/lib64"));
    Files.createFile(later.resolve("libcudnn.so.10"));
    Path alone = Files.createDirectories(other.resolve("usr/lib64"));
    Files.copy(library, alone.resolve("libcudnn.so.9"));
    assertUnavailable(
        other,
        "no cuDNN: no libcudnn.so.9 that loads with its parts, on the loader path or in 2 folders"
            + " of CUDA, pip and conda; %s/libcudnn.so.10 is not version 9;"
            + " cuDNN does not load: Can't load library: %s/libcudnn_graph.so.9",
        later,
        alone);
  }

  @Test
  @Order(2)
  void aLibraryThatIsNotCudnn() throws IOException {
    Path wrong = StandInCudnn.install(other);
    Files.delete(wrong);
    Files.copy(Path.of("target/native/libcuda.so.1"), wrong);
    assertThatThrownBy(() -> CudnnLibrary.load(new LibrarySearch(other, Map.of())))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageStartingWith("wrong cuDNN: " + wrong + " lacks cudnnActivationBackward, ")
        .hasMessageEndingWith(", expected version 9");
  }

  @Test
  @Order(3)
  void oneThatDoesNotSayItsVersion() {
    assertUnavailable(
        machine,
        "wrong cuDNN: cudnnGetProperty of %s returned %d",
        library,
        StandInCudnn.NOT_SUPPORTED);
  }

  @Test
  @Order(4)
  void jcudnnCallsTheLaterVersion() {
    StandInCudnn cudnn = new StandInCudnn(null, 9, 14, 0);
    cudnn.serve(Forwarder.load(library));
    CudnnLibrary found = CudnnLibrary.load(new LibrarySearch(machine, Map.of()));
    assertThat(found.description()).isEqualTo("cuDNN 9.14.0 (" + library + ", forwarded)");
    cudnn.takeCalls();
    int[] minor = new int[1];
    assertThat(JCudnn.cudnnGetProperty(1, minor)).isZero();
    assertThat(minor[0]).isEqualTo(14);
    assertThat(cudnn.takeCalls()).containsExactly("cudnnGetProperty");
    assertThat(CudnnLibrary.load()).isSameAs(found);
    // What nobody serves answers CUDNN_STATUS_NOT_SUPPORTED.
    assertThat(JCudnn.cudnnGetStream(new cudnnHandle(), new jcuda.runtime.cudaStream_t()))
        .isEqualTo(StandInCudnn.NOT_SUPPORTED);
  }
}
