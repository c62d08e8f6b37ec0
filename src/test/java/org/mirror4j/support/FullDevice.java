package org.mirror4j.support;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;

/** A device that has no memory left. */
public final class FullDevice {
  private FullDevice() {}

  /** A CPU that says so. */
  public static Device open() {
    Device host = new HostDevice(1);
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("availableBytes")) {
                return 0L;
              }
              try {
                Object result = method.invoke(host, arguments);
                return result == host ? proxy : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
