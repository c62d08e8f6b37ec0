package org.mirror4j.device.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
import org.mirror4j.device.launch.Driver;

/** A point in a stream with the card's own time, to half a microsecond. */
final class CardEvent implements Driver.Event {
  private final CUstream stream;
  private final CUevent event = new CUevent();

  CardEvent(CUstream stream) {
    this.stream = stream;
    DriverCheck.require(cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT), "cuEventCreate");
  }

  @Override
  public void record() {
    DriverCheck.require(cuEventRecord(event, stream), "cuEventRecord");
  }

  @Override
  public double microsSince(Driver.Event start) {
    if (!(start instanceof CardEvent from)) {
      throw new IllegalArgumentException(
          "microsSince: an event of %s, expected one of this driver"
              .formatted(start.getClass().getSimpleName()));
    }
    DriverCheck.require(cuEventSynchronize(event), "cuEventSynchronize");
    float[] millis = new float[1];
    DriverCheck.require(cuEventElapsedTime(millis, from.event, event), "cuEventElapsedTime");
    return 1000.0 * millis[0];
  }

  @Override
  public void close() {
    cuEventDestroy(event);
  }
}
