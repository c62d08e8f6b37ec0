package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** JCublas on a cuBLAS 13. Refusals come first: what is loaded stays. */
@Tag("stand-in")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CublasForwardingTest {
  private static final CudaDriverLibrary CUDA_13 =
      new CudaDriverLibrary("libcuda.so.1", 13010, List.of(new CudaCard(0, "card", 9, 0, 1)));
  private static final CudaDriverLibrary CUDA_12 =
      new CudaDriverLibrary("libcuda.so.1", 12040, CUDA_13.cards());

  private static Path library;
  private static Forwarder forwarder;

  @BeforeAll
  static void load() {
    library = StandIn.library("target/native/libcublas.so.13");
    StandIn.library("target/classes/org/mirror4j/device/cuda/libcublas.so.12");
    System.setProperty(CublasLibrary.PROPERTY, library.toString());
    forwarder = Forwarder.load(library);
  }

  private static void assertUnavailable(CudaDriverLibrary driver, String message) {
    assertThatThrownBy(() -> CublasLibrary.load(driver))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessage(message);
  }

  @Test
  @Order(0)
  void aMachineWithoutOneThatFits(@TempDir Path root) throws IOException {
    assumeTrue(
        NativeFunctions.open("libcublas.so.12").isEmpty(), "libcublas.so.12 is on the loader path");
    System.clearProperty(CublasLibrary.PROPERTY);
    Path folder = Files.createDirectories(root.resolve("usr/local/cuda/lib64"));
    Path later = Files.createFile(folder.resolve("libcublas.so.13"));
    Path broken = StandIn.refused(library, folder.resolve("libcublas.so.12"));
    LibrarySearch search = new LibrarySearch(root, Map.of());
    assertThatThrownBy(() -> CublasLibrary.load(CUDA_12, search))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessage(
            "no cuBLAS: no libcublas.so.12 that loads, on the loader path or in 1 folders of CUDA,"
                + " pip and conda (MIRROR4J_CUBLAS=FILE names one); cuBLAS does not load: %s: %s:"
                + " %s; %s does not fit the driver",
            broken, broken, StandIn.REFUSAL, later);
    System.setProperty(CublasLibrary.PROPERTY, library.toString());
  }

  @Test
  @Order(1)
  void aFileThatIsNotThere() {
    System.setProperty(CublasLibrary.PROPERTY, "/no/libcublas.so.12");
    assertUnavailable(
        CUDA_13,
        "no cuBLAS: MIRROR4J_CUBLAS (or mirror4j.cublas) names /no/libcublas.so.12, which cannot be"
            + " read");
    System.setProperty(CublasLibrary.PROPERTY, library.toString());
  }

  @Test
  @Order(2)
  void aLibraryThatIsNotCublas() {
    System.setProperty(
        CublasLibrary.PROPERTY, StandIn.library("target/native/libcuda.so.1").toString());
    assertThatThrownBy(() -> CublasLibrary.load(CUDA_13))
        .isInstanceOf(CudaUnavailableException.class)
        .hasMessageStartingWith("wrong cuBLAS: ")
        .hasMessageContaining("libcuda.so.1 lacks cublasCreate_v2, ");
    System.setProperty(CublasLibrary.PROPERTY, library.toString());
  }

  @Test
  @Order(3)
  void oneThatIsTooOld() {
    new StandInCublas(null, 11, 9, 2).serve(forwarder);
    assertUnavailable(
        CUDA_13, "wrong cuBLAS: %s is version 11.9.2, expected 12 or later".formatted(library));
  }

  @Test
  @Order(4)
  void oneThatIsTooNewForTheDriver() {
    new StandInCublas(null, 13, 1, 1).serve(forwarder);
    assertUnavailable(
        CUDA_12,
        "wrong cuBLAS: %s is version 13.1.1, but the driver serves CUDA 12.4 (libcuda.so.1)"
            .formatted(library));
  }

  @Test
  @Order(5)
  void jcublasCallsTheLaterVersion() {
    StandInCublas cublas = new StandInCublas(null, 13, 1, 1);
    cublas.serve(forwarder);
    CublasLibrary found = CublasLibrary.load(CUDA_13);
    assertThat(found.forwarded()).isTrue();
    assertThat(found.description()).isEqualTo("cuBLAS 13.1.1 (" + library + ", forwarded)");
    cublas.takeCalls();
    int[] minor = new int[1];
    assertThat(JCublas2.cublasGetProperty(1, minor)).isZero();
    assertThat(minor[0]).isEqualTo(1);
    assertThat(cublas.takeCalls()).containsExactly("cublasGetProperty");
    assertThat(CublasLibrary.load(CUDA_13)).isSameAs(found);
    // What nobody serves answers CUBLAS_STATUS_NOT_SUPPORTED.
    assertThat(JCublas2.cublasGetVersion(new cublasHandle(), new int[1])).isEqualTo(15);
  }
}
