package org.mirror4j.device.cuda;

import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import org.mirror4j.device.launch.Driver;

/** A CUDA graph: the launches of a piece of work, replayed by one call. */
final class CardRecording implements Driver.Recording {
  private final CUstream stream;
  private final CUgraphExec executable = new CUgraphExec();
  private boolean closed;

  private CardRecording(CUstream stream) {
    this.stream = stream;
  }

  /**
   * Records what {@code work} puts into a stream.
   *
   * @throws CudaException if some of it cannot be recorded
   */
  static CardRecording of(CUstream stream, Runnable work) {
    CardRecording recording = new CardRecording(stream);
    CUgraph graph = new CUgraph();
    // Relaxed: a kernel used for the first time may be loaded meanwhile.
    DriverCheck.require(
        cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED),
        "cuStreamBeginCapture");
    try {
      work.run();
    } catch (RuntimeException | Error failure) {
      // The stream records until told otherwise, whatever has happened.
      if (cuStreamEndCapture(stream, graph) == 0) {
        cuGraphDestroy(graph);
      }
      throw failure;
    }
    DriverCheck.require(cuStreamEndCapture(stream, graph), "cuStreamEndCapture");
    try {
      DriverCheck.require(cuGraphInstantiate(recording.executable, graph, 0), "cuGraphInstantiate");
    } finally {
      cuGraphDestroy(graph);
    }
    return recording;
  }

  @Override
  public void replay() {
    if (closed) {
      throw new IllegalStateException("replay: the recording is closed");
    }
    DriverCheck.require(cuGraphLaunch(executable, stream), "cuGraphLaunch");
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cuGraphExecDestroy(executable);
    }
  }
}
